package main

import (
	"encoding/json"
	"errors"
	"fmt"
)

const knownVersion = 1

// errTooNew: a fact of a version that comes after this program waits for the upgrade.
var errTooNew = errors.New("it is of a newer version than this module knows")

// errUnfit: trying again would not help.
var errUnfit = errors.New("it is no weighing that this module can read")

// Guard answers questions, routes and facts. It knows nothing of NATS.
type Guard struct {
	bounds   *Bounds
	settings *Settings
}

type weighing struct {
	CategoryID  *string `json:"categoryId"`
	NetGrams    *int    `json:"netGrams"`
	IsConfirmed bool    `json:"isConfirmed"`
}

func readWeighing(text []byte) (weighing, error) {
	var one weighing
	if err := json.Unmarshal(text, &one); err != nil {
		return one, fmt.Errorf("%w: %w", errUnfit, err)
	}
	if one.CategoryID == nil || one.NetGrams == nil {
		return one, fmt.Errorf("%w: categoryId and netGrams are wanted", errUnfit)
	}
	return one, nil
}

// Hear takes one fact.
func (g *Guard) Hear(position int64, version int, data []byte) error {
	if version > knownVersion {
		return errTooNew
	}
	one, err := readWeighing(data)
	if err != nil {
		return err
	}
	return g.bounds.Hear(position, *one.CategoryID, *one.NetGrams)
}

// Retry takes a fact that was passed over.
func (g *Guard) Retry(position int64, data []byte) error {
	one, err := readWeighing(data)
	if err != nil {
		return err
	}
	return g.bounds.HearPassed(position, *one.CategoryID, *one.NetGrams)
}

// Answer is one of the replies of the protocol.
func (g *Guard) Answer(handler string, args []byte) any {
	if handler != "weigh.validate" {
		return invalid("handler-unknown", fmt.Sprintf("there is no handler '%s' here", handler))
	}
	one, err := readWeighing(args)
	if err != nil {
		return invalid("arguments-unfit", err.Error())
	}
	if most := g.settings.refuseAboveGrams(); most > 0 && *one.NetGrams > most && !one.IsConfirmed {
		return verdict("refuse", "too-heavy", fmt.Sprintf("Plus de %s : vérifier la balance, puis confirmer.", kilos(most)))
	}
	bound, isKnown := g.bounds.Of(*one.CategoryID)
	isUsual := *one.NetGrams >= bound.FromGrams && *one.NetGrams <= bound.ToGrams
	if !isKnown || isUsual || one.IsConfirmed {
		return map[string]any{"none": true}
	}
	words := fmt.Sprintf("%s : ici, c’est d’habitude entre %s et %s.", kilos(*one.NetGrams), kilos(bound.FromGrams), kilos(bound.ToGrams))
	return verdict("caution", "weight-unusual", words)
}

// Route gives status and what is shown as JSON.
func (g *Guard) Route(method, path string) (int, any) {
	if method == "GET" && path == "/bounds" {
		return 200, map[string]any{"items": g.bounds.All()}
	}
	detail := fmt.Sprintf("There is nothing at %s %s.", method, path)
	return 404, map[string]any{"status": 404, "code": "not-found", "detail": detail}
}

func verdict(what, code, words string) any {
	return map[string]any{"v": map[string]any{"verdict": what, "code": code, "words": words}}
}

func invalid(code, message string) any {
	return map[string]any{"error": map[string]any{"kind": "invalid", "code": code, "message": message}}
}

func kilos(grams int) string { return fmt.Sprintf("%.1f kg", float64(grams)/1000) }
