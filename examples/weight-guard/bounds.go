package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Fewer weights are chance, older ones another season.
const (
	fewest = 5
	latest = 100
	factor = 3
)

// Bounds keeps what was weighed of each family. The whole is one file, written anew for each fact and put in place in one step,
// so that the effect of a fact and its position are kept together or not at all.
type Bounds struct {
	mutex sync.Mutex
	file  string
	kept  kept
}

type kept struct {
	Position int64            `json:"position"`
	Passed   []int64          `json:"passed"`
	Grams    map[string][]int `json:"grams"`
}

// Bound is what is usual for a family: between a third of its lightest and three times its heaviest of late.
type Bound struct {
	CategoryID string `json:"categoryId"`
	Weighed    int    `json:"weighed"`
	FromGrams  int    `json:"fromGrams"`
	ToGrams    int    `json:"toGrams"`
}

// OpenBounds reads the file, or begins a new one.
func OpenBounds(folder string) (*Bounds, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	bounds := &Bounds{file: filepath.Join(folder, "weights-1.json"), kept: kept{Grams: map[string][]int{}}}
	text, err := os.ReadFile(bounds.file)
	if os.IsNotExist(err) {
		return bounds, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &bounds.kept); err != nil {
		return nil, fmt.Errorf("%s is broken (%w): delete it, and the facts are told anew", bounds.file, err)
	}
	return bounds, nil
}

// Position is the last one whose effect is kept.
func (b *Bounds) Position() int64 {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.kept.Position
}

// Hear keeps a weight and its position. A fact that came before changes nothing.
func (b *Bounds) Hear(position int64, categoryID string, grams int) error {
	return b.change(func(next *kept) bool {
		if position <= next.Position {
			return false
		}
		next.add(categoryID, grams)
		next.Position = position
		return true
	})
}

// PassOver goes on behind a fact that lies with the dead letters, and notes that its effect is missing.
func (b *Bounds) PassOver(position int64) error {
	return b.change(func(next *kept) bool {
		if position <= next.Position {
			return false
		}
		next.Passed = append(slices.Clone(next.Passed), position)
		next.Position = position
		return true
	})
}

// HearPassed is the effect of a fact that was passed over, once.
func (b *Bounds) HearPassed(position int64, categoryID string, grams int) error {
	return b.change(func(next *kept) bool {
		at := slices.Index(next.Passed, position)
		if at < 0 {
			return false
		}
		next.Passed = slices.Delete(slices.Clone(next.Passed), at, at+1)
		next.add(categoryID, grams)
		return true
	})
}

// Of gives what is usual for a family, and whether enough was weighed to say so.
func (b *Bounds) Of(categoryID string) (Bound, bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return boundOf(categoryID, b.kept.Grams[categoryID])
}

// All gives every family that was weighed often enough, by name.
func (b *Bounds) All() []Bound {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	all := []Bound{}
	for categoryID, grams := range b.kept.Grams {
		if bound, isKnown := boundOf(categoryID, grams); isKnown {
			all = append(all, bound)
		}
	}
	slices.SortFunc(all, func(one, other Bound) int {
		if one.CategoryID < other.CategoryID {
			return -1
		}
		return 1
	})
	return all
}

func boundOf(categoryID string, grams []int) (Bound, bool) {
	if len(grams) < fewest {
		return Bound{}, false
	}
	return Bound{categoryID, len(grams), slices.Min(grams) / factor, slices.Max(grams) * factor}, true
}

func (k *kept) add(categoryID string, grams int) {
	all := append(slices.Clone(k.Grams[categoryID]), grams)
	k.Grams[categoryID] = all[max(0, len(all)-latest):]
}

// change writes the file first: what is in memory is never ahead of it.
func (b *Bounds) change(edit func(next *kept) bool) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	next := kept{b.kept.Position, b.kept.Passed, map[string][]int{}}
	for categoryID, grams := range b.kept.Grams {
		next.Grams[categoryID] = grams
	}
	if !edit(&next) {
		return nil
	}
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.file+".new", text, 0o600); err != nil {
		return err
	}
	if err := os.Rename(b.file+".new", b.file); err != nil {
		return err
	}
	b.kept = next
	return nil
}
