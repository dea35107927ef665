package main

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// service is the process as a service of NATS, so that `nats micro stats` sees it: docs/protocol.md, "Being a NATS service".
type service struct {
	who       map[string]any
	words     string
	started   time.Time
	mutex     sync.Mutex
	endpoints []*endpoint
}

type endpoint struct {
	Name       string        `json:"name"`
	Subject    string        `json:"subject"`
	QueueGroup string        `json:"queue_group"`
	Requests   int           `json:"num_requests"`
	Errors     int           `json:"num_errors"`
	LastError  string        `json:"last_error"`
	Time       time.Duration `json:"processing_time"`
	Average    time.Duration `json:"average_processing_time"`
}

// serve answers $SRV.PING, INFO and STATS of this process.
func (l *life) serve() error {
	var said struct{ Version, Description string }
	if err := json.Unmarshal(manifest, &said); err != nil {
		return err
	}
	l.service = &service{
		who:     map[string]any{"name": name, "id": l.instance, "version": said.Version, "metadata": map[string]string{}},
		words:   said.Description,
		started: l.startedAt,
		endpoints: []*endpoint{
			{Name: "hook", Subject: l.mine("hook.weigh.validate")},
			{Name: "http", Subject: l.mine("http")},
		},
	}
	for _, verb := range []string{"PING", "INFO", "STATS"} {
		subject := "$SRV." + verb + "." + name + "." + l.instance
		_, err := l.connection.Subscribe(subject, func(message *nats.Msg) { _ = message.Respond(l.service.answer(verb)) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *service) answer(verb string) []byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	answer := map[string]any{"type": "io.nats.micro.v1." + strings.ToLower(verb) + "_response"}
	for key, value := range s.who {
		answer[key] = value
	}
	switch verb {
	case "INFO":
		shown := []any{}
		for _, one := range s.endpoints {
			shown = append(shown, map[string]any{
				"name": one.Name, "subject": one.Subject, "queue_group": "", "metadata": map[string]string{},
			})
		}
		answer["description"], answer["endpoints"] = s.words, shown
	case "STATS":
		answer["started"], answer["endpoints"] = s.started.UTC().Format(time.RFC3339Nano), s.endpoints
	}
	return packed(answer)
}

// count notes one answer to a verb that is an endpoint.
func (s *service) count(verb string, took time.Duration, answer any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, one := range s.endpoints {
		if one.Name != verb {
			continue
		}
		one.Requests++
		one.Time += took
		one.Average = one.Time / time.Duration(one.Requests)
		if said, isMap := answer.(map[string]any); isMap && said["error"] != nil {
			one.Errors++
			one.LastError = string(packed(said["error"]))
		}
	}
}
