package main

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const newerAgain = 5 * time.Second

// ear pulls fact after fact. It ends when it is closed, or when the durable is gone; then the announce is made again.
type ear struct {
	stop   context.CancelFunc
	ended  chan struct{}
	inHand atomic.Int64
}

func (l *life) openEar(stream, durable string) *ear {
	ctx, stop := context.WithCancel(context.Background())
	opened := &ear{stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(opened.ended)
		if err := l.pull(ctx, opened, stream, durable); err != nil && ctx.Err() == nil {
			log("no facts come any more; announcing again", "reason", err)
			time.Sleep(100 * time.Millisecond)
			l.bell.raise()
		}
	}()
	return opened
}

// close takes no more facts; the one in hand is finished.
func (e *ear) close() {
	if e == nil {
		return
	}
	e.stop()
	select {
	case <-e.ended:
	case <-time.After(5 * time.Second):
	}
}

func (e *ear) hasEnded() bool {
	select {
	case <-e.ended:
		return true
	default:
		return false
	}
}

func (l *life) pull(ctx context.Context, opened *ear, stream, durable string) error {
	js, err := l.jetstream()
	if err != nil {
		return err
	}
	consumer, err := js.Consumer(ctx, stream, durable)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		message, err := consumer.Next(jetstream.FetchMaxWait(time.Second))
		if errors.Is(err, nats.ErrTimeout) || errors.Is(err, jetstream.ErrNoMessages) {
			continue
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			// Handed back at once; else the server would hold it for us for half a minute.
			return message.Nak()
		}
		if err := l.takeFact(opened, message); err != nil {
			return err
		}
	}
	return nil
}

func (l *life) takeFact(opened *ear, message jetstream.Msg) error {
	metadata, err := message.Metadata()
	if err != nil {
		return err
	}
	position := int64(metadata.Sequence.Stream)
	opened.inHand.Store(position)
	defer opened.inHand.Store(0)
	version, err := strconv.Atoi(message.Headers().Get("rq-version"))
	if err == nil {
		err = l.guard.Hear(position, version, message.Data())
	} else {
		err = errors.Join(errUnfit, err)
	}
	switch {
	case err == nil:
		return ack(message)
	case errors.Is(err, errUnfit):
		return l.layAside(message, position, err)
	default:
		log("a fact could not be taken; it comes again", "position", position, "reason", err)
		return message.NakWithDelay(newerAgain)
	}
}

// layAside: trying again would not help. An operator reads of it, and the facts behind it come.
func (l *life) layAside(message jetstream.Msg, position int64, why error) error {
	log("a fact goes to the dead letters", "position", position, "reason", why)
	said := map[string]any{"instance": l.instance, "position": position, "error": why.Error(), "attempts": 1}
	if _, err := l.connection.Request(l.toKernel("dead"), packed(said), 5*time.Second); err != nil {
		return err
	}
	if err := l.guard.bounds.PassOver(position); err != nil {
		return err
	}
	return ack(message)
}

// ack says "done" until the server has it. One that it does not know of comes again, which is harmless.
func ack(message jetstream.Msg) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return message.DoubleAck(ctx)
}

// holding are the facts in hand at this moment.
func (e *ear) holding() []int64 {
	if e == nil || e.inHand.Load() == 0 {
		return []int64{}
	}
	return []int64{e.inHand.Load()}
}
