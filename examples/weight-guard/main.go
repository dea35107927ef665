// Weight-guard on the bus, with the ordinary client of NATS. Each step stands in docs/protocol.md, "Being a module".
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

//go:embed manifest.json
var manifest []byte

const (
	name          = "weight-guard"
	exitRejected  = 65
	exitMisconfig = 78
	letGoWithin   = 500 * time.Millisecond
)

func main() {
	settings, err := readSettings()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitMisconfig)
	}
	bounds, err := OpenBounds(settings.data)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitMisconfig)
	}
	life := newLife(settings, &Guard{bounds: bounds, settings: settings.config})
	os.Exit(life.live())
}

type settings struct {
	url, site, creds, instance, data string
	config                           *Settings
}

func readSettings() (settings, error) {
	got := settings{
		url:      or(os.Getenv("NATS_URL"), nats.DefaultURL),
		site:     os.Getenv("RECYCLIQUE_SITE"),
		creds:    os.Getenv("RECYCLIQUE_CREDS"),
		instance: or(os.Getenv("RECYCLIQUE_INSTANCE"), name+"-"+token()),
		data:     or(os.Getenv("RECYCLIQUE_MODULE_DATA"), "./data/modules/"+name),
	}
	if got.site == "" || got.creds == "" {
		return got, fmt.Errorf("%s is not told RECYCLIQUE_SITE and RECYCLIQUE_CREDS: see README.md", name)
	}
	config, err := readConfig([]byte(or(os.Getenv("RECYCLIQUE_MODULE_CONFIG"), "{}")))
	if err != nil {
		return got, fmt.Errorf("RECYCLIQUE_MODULE_CONFIG: %w", err)
	}
	got.config = newSettings(config, or(os.Getenv("RECYCLIQUE_MODULE_CONFIG_ORIGIN"), "given"))
	return got, nil
}

// Life is one process, from its announce to its goodbye.
type life struct {
	settings
	guard      *Guard
	connection *nats.Conn
	service    *service
	startedAt  time.Time
	ear        atomic.Pointer[ear]
	beating    context.CancelFunc
	// announce now; end; the kernel asks nothing more
	bell, stopping, letGo *flag
}

func newLife(settings settings, guard *Guard) *life {
	bell, stopping, letGo := newFlag(), newFlag(), newFlag()
	return &life{settings: settings, guard: guard, startedAt: time.Now(), bell: bell, stopping: stopping, letGo: letGo}
}

func (l *life) live() int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		l.stopping.raise()
	}()
	connection, err := nats.Connect(l.url,
		nats.Name(l.instance),
		nats.UserCredentials(l.creds),
		nats.CustomInboxPrefix("_INBOX."+name),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250*time.Millisecond),
		nats.RetryOnFailedConnect(true),
		nats.ConnectHandler(func(*nats.Conn) { l.bell.raise() }),
		nats.ReconnectHandler(func(*nats.Conn) { l.bell.raise() }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log("the bus complains", "reason", err) }),
	)
	if err != nil {
		log("no way to the bus", "reason", err)
		return 1
	}
	l.connection = connection
	if err := l.serve(); err != nil {
		log("the bus does not let this module be a service", "reason", err)
		return 1
	}
	// Before the first announce: one subscription hears all that the kernel asks of this process.
	if _, err := connection.Subscribe(l.mine(">"), l.take); err != nil {
		log("the bus does not let this module hear", "reason", err)
		return 1
	}
	code := l.announceUntilStopped()
	l.leave()
	return code
}

// --- coming

type announced struct {
	State       string   `json:"state"`
	Reasons     []string `json:"reasons"`
	HeartbeatMs int      `json:"heartbeatMs"`
	Hearing     *struct {
		Stream  string `json:"stream"`
		Durable string `json:"durable"`
		Passed  int64  `json:"passed"`
	} `json:"hearing"`
	Config *keptConfig `json:"config"`
}

func (l *life) announceUntilStopped() int {
	wait := 100 * time.Millisecond
	for !l.stopping.isRaised() {
		l.bell.lower()
		answer, err := l.announce()
		if err != nil {
			log("no answer to the announce; asking on", "reason", err)
		}
		switch answer.State {
		case "rejected":
			fmt.Fprintf(os.Stderr, "The kernel rejects %s:\n- %s\n", name, strings.Join(answer.Reasons, "\n- "))
			return exitRejected
		case "admitted", "replaying":
			wait = 100 * time.Millisecond
			l.begin(answer)
			select {
			case <-l.bell.raised():
			case <-l.stopping.raised():
			}
		default:
			l.ear.Swap(nil).close()
			wait = min(2*wait, 5*time.Second)
			select {
			case <-l.bell.raised():
			case <-l.stopping.raised():
			case <-time.After(wait):
			}
		}
	}
	return 0
}

func (l *life) announce() (announced, error) {
	hash := sha256.Sum256(manifest)
	said := map[string]any{
		"manifest":     json.RawMessage(manifest),
		"manifestHash": hex.EncodeToString(hash[:]),
		"instance":     l.instance,
		"pid":          os.Getpid(),
		"startedAt":    l.startedAt.UTC().Format("2006-01-02T15:04:05.000Z"),
		"resumeAfter":  l.guard.bounds.Position(),
		"config":       l.config.shown(),
	}
	if words := l.config.refusal(); words != "" {
		said["configRefused"] = words
	}
	turn := l.config.turn()
	var answer announced
	reply, err := l.connection.Request(l.toKernel("announce"), packed(said), 5*time.Second)
	if err != nil {
		return answer, err
	}
	err = json.Unmarshal(reply.Data, &answer)
	log("announced", "state", answer.State, "reasons", answer.Reasons)
	// What was set meanwhile is newer than what stands in the answer. Nothing in it: what the process was given counts again.
	if err == nil && answer.State != "rejected" && l.config.turn() == turn {
		if words := l.config.take(answer.Config); words != "" {
			log("what is set could not be taken; going on as before", "reason", words)
		}
	}
	return answer, err
}

func (l *life) begin(answer announced) {
	if l.beating != nil {
		l.beating()
	}
	ctx, stop := context.WithCancel(context.Background())
	l.beating = stop
	go l.beat(ctx, time.Duration(answer.HeartbeatMs)*time.Millisecond)
	if answer.Hearing == nil {
		return
	}
	if answer.Hearing.Passed > 0 {
		if err := l.guard.bounds.PassOver(answer.Hearing.Passed); err != nil {
			log("a position could not be kept", "reason", err)
		}
	}
	if ear := l.ear.Load(); ear == nil || ear.hasEnded() {
		l.ear.Store(l.openEar(answer.Hearing.Stream, answer.Hearing.Durable))
	}
}

func (l *life) beat(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		said := map[string]any{"instance": l.instance, "inFlight": 0, "position": l.guard.bounds.Position()}
		_ = l.connection.Publish(l.toKernel("heartbeat"), packed(said))
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// --- leaving

// leave: bye, answer on until the kernel lets go, finish what is in hand, bye, close. Bounded: the bus may be away.
func (l *life) leave() {
	l.sayBye("draining")
	if l.beating != nil {
		select {
		case <-l.letGo.raised():
		case <-time.After(letGoWithin):
		}
	}
	l.ear.Load().close()
	if l.beating != nil {
		l.beating()
	}
	l.sayBye("gone")
	l.connection.Close()
}

func (l *life) sayBye(phase string) {
	_ = l.connection.Publish(l.toKernel("bye"), packed(map[string]any{"instance": l.instance, "phase": phase}))
	_ = l.connection.FlushTimeout(500 * time.Millisecond)
}

// --- small things

func (l *life) toKernel(verb string) string { return "rq." + l.site + ".kernel." + name + "." + verb }
func (l *life) mine(rest string) string {
	return "rq." + l.site + ".mod." + name + "." + l.instance + "." + rest
}
func (l *life) jetstream() (jetstream.JetStream, error) {
	return jetstream.NewWithAPIPrefix(l.connection, "js.API")
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func token() string {
	bytes := make([]byte, 3)
	_, _ = rand.Read(bytes)
	return hex.EncodeToString(bytes)
}

func packed(value any) []byte {
	text, _ := json.Marshal(value)
	return text
}

func log(event string, details ...any) {
	line := map[string]any{"name": name, "event": event}
	for at := 0; at+1 < len(details); at += 2 {
		line[fmt.Sprint(details[at])] = fmt.Sprint(details[at+1])
	}
	fmt.Println(string(packed(line)))
}
