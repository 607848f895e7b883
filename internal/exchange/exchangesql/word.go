package exchangesql

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"dean06/internal/exchange"
	"dean06/internal/exchange/packed"
	"dean06/internal/platform/sqldb"
)

// maxWords bounds what is remembered; a gateway has a few hundred.
const maxWords = 20_000

// words remembers which word has which number. A number that was committed never changes
// its meaning.
type words struct {
	mu     sync.RWMutex
	byID   map[int64]string
	byWord map[string]int64
}

func (w *words) number(word string) (int64, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	id, ok := w.byWord[word]
	return id, ok
}

// remember keeps what is committed.
func (w *words) remember(found map[string]int64) {
	if len(found) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byID == nil || len(w.byID) > maxWords {
		w.byID, w.byWord = map[int64]string{}, map[string]int64{}
	}
	for word, id := range found {
		w.byID[id], w.byWord[word] = word, id
	}
}

// numbers gives the number of each repeated word, made in tx when it has none yet. fresh
// are those to remember once tx is committed.
func (w *words) numbers(ctx context.Context, tx *sqldb.Tx, records []exchange.Record) (all numbered, fresh map[string]int64, err error) {
	all, fresh = numbered{}, map[string]int64{}
	for i := range records {
		for _, word := range packed.Repeated(&records[i]) {
			if _, ok := all[word]; ok || word == "" {
				continue
			}
			id, ok := w.number(word)
			if !ok {
				if id, err = wordNumber(ctx, tx, word); err != nil {
					return nil, nil, err
				}
				fresh[word] = id
			}
			all[word] = id
		}
	}
	return all, fresh, nil
}

func wordNumber(ctx context.Context, tx *sqldb.Tx, word string) (int64, error) {
	id, err := sqldb.One[int64](ctx, tx, `SELECT id FROM gateway_word WHERE word = $1`, word)
	if !errors.Is(err, sqldb.ErrNone) {
		return id, err
	}
	return sqldb.One[int64](ctx, tx, `INSERT INTO gateway_word (word) VALUES ($1) RETURNING id`, word)
}

// numbered are words that are going to be written.
type numbered map[string]int64

// Number gives the number of a word.
func (n numbered) Number(word string) int64 { return n[word] }

// Word is not asked when records are written.
func (n numbered) Word(int64) (string, bool) { return "", false }

// known are the words of a store, for reading; err is why one could not be read.
type known struct {
	s   *Store
	ctx context.Context //nolint:containedctx // it lives as long as one record is read
	err error
}

// Word gives the word of a number.
func (k *known) Word(id int64) (string, bool) {
	w := &k.s.words
	w.mu.RLock()
	word, ok := w.byID[id]
	w.mu.RUnlock()
	if ok {
		return word, true
	}
	word, err := sqldb.One[string](k.ctx, k.s.db, `SELECT word FROM gateway_word WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return "", false
	}
	if err != nil {
		k.err = fmt.Errorf("read word %d of the message log: %w", id, err)
		return "", false
	}
	w.remember(map[string]int64{word: id})
	return word, true
}

// Number gives the number of a word that Word has given before.
func (k *known) Number(word string) int64 {
	id, _ := k.s.words.number(word)
	return id
}
