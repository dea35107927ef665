package main

import (
	"encoding/json"
	"fmt"
	"sync"
)

// Config is what can be set: see manifest.json. A pointer tells what is not set from 0.
type Config struct {
	RefuseAboveGrams *int `json:"refuseAboveGrams"`
}

func readConfig(text []byte) (Config, error) {
	var config Config
	if err := json.Unmarshal(text, &config); err != nil {
		return config, fmt.Errorf("this must be a JSON object with refuseAboveGrams in whole grams: %w", err)
	}
	if most := config.RefuseAboveGrams; most != nil && *most < 1 {
		return config, fmt.Errorf("refuseAboveGrams is %d: give whole grams from 1", *most)
	}
	return config, nil
}

// keptConfig is what the kernel keeps for this module, and where each was said.
type keptConfig struct {
	Values  json.RawMessage   `json:"values"`
	Origins map[string]string `json:"origins"`
}

// Settings are what is in force: what the kernel keeps lies over what the process was given.
type Settings struct {
	mutex       sync.Mutex
	given       Config
	givenOrigin string
	kept        Config
	origins     map[string]string
	refused     string
	turns       int
}

func newSettings(given Config, origin string) *Settings {
	return &Settings{given: given, givenOrigin: origin}
}

// take puts what the kernel keeps in force, nil for nothing; or says why not, and stays as it was.
func (s *Settings) take(kept *keptConfig) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.turns++
	if kept == nil {
		kept = &keptConfig{Values: []byte("{}")}
	}
	config, err := readConfig(kept.Values)
	if err != nil {
		s.refused = err.Error()
		return s.refused
	}
	s.kept, s.origins, s.refused = config, kept.Origins, ""
	return ""
}

// turn is how often something was to be put in force.
func (s *Settings) turn() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.turns
}

// refusal is why what was kept last is not in force.
func (s *Settings) refusal() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.refused
}

// refuseAboveGrams is 0 where nothing is refused.
func (s *Settings) refuseAboveGrams() int {
	most, _ := s.inForce()
	if most == nil {
		return 0
	}
	return *most
}

// shown is what is set, for the operator.
func (s *Settings) shown() []map[string]any {
	most, origin := s.inForce()
	one := map[string]any{"key": "refuseAboveGrams", "origin": origin, "secret": false}
	if most != nil {
		one["value"] = *most
	}
	return []map[string]any{one}
}

func (s *Settings) inForce() (most *int, origin string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case s.kept.RefuseAboveGrams != nil:
		return s.kept.RefuseAboveGrams, s.origins["refuseAboveGrams"]
	case s.given.RefuseAboveGrams != nil:
		return s.given.RefuseAboveGrams, s.givenOrigin
	default:
		return nil, "not set"
	}
}
