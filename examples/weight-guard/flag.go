package main

import "sync"

// flag is raised by one, waited for by others, and lowered again.
type flag struct {
	mutex sync.Mutex
	up    chan struct{}
}

func newFlag() *flag { return &flag{up: make(chan struct{})} }

func (f *flag) raised() <-chan struct{} {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.up
}

func (f *flag) isRaised() bool {
	select {
	case <-f.raised():
		return true
	default:
		return false
	}
}

func (f *flag) raise() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	select {
	case <-f.up:
	default:
		close(f.up)
	}
}

func (f *flag) lower() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	select {
	case <-f.up:
		f.up = make(chan struct{})
	default:
	}
}
