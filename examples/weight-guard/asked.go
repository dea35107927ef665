package main

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// take answers what the kernel asks of this process.
func (l *life) take(message *nats.Msg) {
	verb, rest, _ := strings.Cut(strings.TrimPrefix(message.Subject, l.mine("")), ".")
	var answer any
	began := time.Now()
	switch verb {
	case "hook":
		answer = l.answer(message)
	case "http":
		answer = l.route(message)
	case "control":
		answer = l.control(rest, message)
	}
	l.service.count(verb, time.Since(began), answer)
	if answer == nil || message.Reply == "" {
		return
	}
	if text, isText := answer.(string); isText {
		_ = message.Respond([]byte(text))
		return
	}
	_ = message.Respond(packed(answer))
}

func (l *life) answer(message *nats.Msg) any {
	var call struct {
		Handler  *string         `json:"handler"`
		Deadline *float64        `json:"deadline"`
		Args     json.RawMessage `json:"args"`
	}
	if err := json.Unmarshal(message.Data, &call); err != nil {
		return invalid("question-malformed", err.Error())
	}
	if call.Handler == nil || call.Deadline == nil || len(call.Args) == 0 {
		return invalid("question-malformed", "handler, deadline and args are wanted")
	}
	if *call.Deadline <= now() {
		return nil
	}
	return l.guard.Answer(*call.Handler, call.Args)
}

func (l *life) route(message *nats.Msg) any {
	deadline, err := strconv.ParseFloat(message.Header.Get("rq-deadline"), 64)
	if err != nil {
		deadline = math.Inf(1)
	}
	if deadline <= now() {
		return nil
	}
	var call struct {
		Method string `json:"method"`
		Path   string `json:"path"`
	}
	status, shown := 400, any(map[string]any{"status": 400, "code": "call-malformed"})
	if err := json.Unmarshal(message.Data, &call); err == nil {
		status, shown = l.guard.Route(call.Method, call.Path)
	}
	return map[string]any{
		"status":  status,
		"headers": map[string]string{"content-type": "application/json; charset=utf-8"},
		"body":    base64.StdEncoding.EncodeToString(packed(shown)),
	}
}

func (l *life) control(what string, message *nats.Msg) any {
	switch what {
	case "announce":
		l.bell.raise()
		return ""
	case "drain":
		l.letGo.raise()
		l.stopping.raise()
		return ""
	case "ping":
		return ""
	case "health":
		return map[string]any{"ok": true, "details": map[string]any{"position": l.guard.bounds.Position()}}
	case "holding":
		return map[string]any{"positions": l.ear.Load().holding()}
	case "retry":
		return l.retry(message)
	case "config":
		return l.setTo(message)
	}
	return nil
}

func (l *life) retry(message *nats.Msg) any {
	position, err := strconv.ParseInt(message.Header.Get("rq-position"), 10, 64)
	if err == nil {
		err = l.guard.Retry(position, message.Data)
	}
	if err != nil {
		return map[string]any{"ok": false, "error": err.Error()}
	}
	return map[string]any{"ok": true}
}

// setTo takes what the operator sets while this runs, or says why not.
func (l *life) setTo(message *nats.Msg) any {
	var kept keptConfig
	words := ""
	if err := json.Unmarshal(message.Data, &kept); err != nil {
		words = "this is nothing that can be set: " + err.Error()
	} else {
		words = l.config.take(&kept)
	}
	if words != "" {
		return map[string]any{"ok": false, "words": words, "config": l.config.shown()}
	}
	return map[string]any{"ok": true, "config": l.config.shown()}
}

func now() float64 { return float64(time.Now().UnixMilli()) }
