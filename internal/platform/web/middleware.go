package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzhttp"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/assets"
)

type idKey struct{}

// RequestID is the number by which the log and an error page name a request.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(idKey{}).(string)
	return id
}

// requestID gives each request a number of our own; one sent by the caller is
// not taken, for it could be made to look like another's.
func requestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := uuid.Must(uuid.NewV7()).String()
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), idKey{}, id)))
	})
}

// statusWriter remembers what was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (s *statusWriter) WriteHeader(status int) {
	if s.status == 0 && status >= 200 {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *statusWriter) Write(b []byte) (int, error) {
	if s.status == 0 {
		s.status = http.StatusOK
	}
	n, err := s.ResponseWriter.Write(b)
	s.bytes += int64(n)
	return n, err
}

func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// begun says that the answer has begun.
func begun(w http.ResponseWriter) bool {
	for {
		switch x := w.(type) {
		case *statusWriter:
			return x.status != 0
		case interface{ Unwrap() http.ResponseWriter }:
			w = x.Unwrap()
		default:
			return false
		}
	}
}

// observe writes the access log and counts. The log has the route, not the
// address, because an address may hold a person's number, and no query.
func (rt *Router) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now() //nolint:forbidigo // how long a request took, not when it was
		sw := &statusWriter{ResponseWriter: w}
		route := new(string)
		r = r.WithContext(context.WithValue(r.Context(), routeKey{}, route))
		defer func() {
			took := time.Since(start)
			if sw.status == 0 {
				sw.status = http.StatusOK
			}
			rt.cfg.Metrics.observe(*route, r.Method, sw.status, took)
			level := slog.LevelInfo
			if strings.HasSuffix(*route, assets.Prefix) {
				level = slog.LevelDebug // each page brings several, and they tell nothing
			}
			rt.cfg.Log.LogAttrs(r.Context(), level, "request",
				slog.String("request_id", RequestID(r.Context())), slog.String("method", r.Method),
				slog.String("route", *route), slog.Int("status", sw.status),
				slog.Int64("bytes", sw.bytes), slog.Duration("took", took))
		}()
		next.ServeHTTP(sw, r)
	})
}

type routeKey struct{}

func noteRoute(ctx context.Context, pattern string) {
	if p, ok := ctx.Value(routeKey{}).(*string); ok {
		*p = pattern
	}
}

// csp lets pages load only what this server sends. Nothing inline: no style
// attribute, no handler attribute, no script but those of /assets/.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

func (rt *Router) securityHeaders(next http.Handler) http.Handler {
	policy := strings.Join(append([]string{csp}, rt.cfg.Leads...), " ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if rt.cfg.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses posts that come from other sites (CSRF), by the headers
// that browsers set and pages cannot.
func (rt *Router) sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	for _, origin := range rt.cfg.Trusted {
		if err := guard.AddTrustedOrigin(origin); err != nil {
			panic(fmt.Sprintf("web: trusted origin %q: %v", origin, err))
		}
	}
	for _, pattern := range rt.others {
		guard.AddInsecureBypassPattern(pattern)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := guard.Check(r); err != nil {
			rt.fail(w, r, fault.New(fault.Denied, "web.cross_origin", nil).Because(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// compress is gzip for what is worth it; assets bring their own compression.
// The first level takes half the time of the usual ones for a sixth more bytes.
func compress(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(1))
	if err != nil {
		panic("web: compression: " + err.Error())
	}
	return wrap(next)
}

// Uncompressed says that an answer goes as it is: one of random text and signatures, which
// gains nothing by compression.
func Uncompressed(w http.ResponseWriter) { w.Header().Set(gzhttp.HeaderNoCompression, "1") }

func (rt *Router) recoverPanic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(under http.ResponseWriter, r *http.Request) {
		// Here, inside the compression, one still sees what was begun.
		w := &statusWriter{ResponseWriter: under}
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // a panic value is compared as net/http does
				panic(v)
			}
			rt.fail(w, r, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
		}()
		next.ServeHTTP(w, r)
	})
}

const langCookie = "lang"

// language chooses: ?lang= (kept in a cookie), then the cookie, then what the
// browser asks for, then Vietnamese.
func (rt *Router) language(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lang, asked := langOf(r)
		if asked {
			http.SetCookie(w, &http.Cookie{
				Name: langCookie, Value: string(lang), Path: "/", MaxAge: 365 * 24 * 60 * 60,
				HttpOnly: true, Secure: rt.cfg.Secure, SameSite: http.SameSiteLaxMode,
			})
		}
		next.ServeHTTP(w, r.WithContext(i18n.With(r.Context(), rt.cfg.Messages.In(lang))))
	})
}

func langOf(r *http.Request) (lang i18n.Lang, asked bool) {
	switch l := i18n.Lang(r.URL.Query().Get("lang")); l {
	case i18n.Vi, i18n.En:
		return l, true
	}
	if c, err := r.Cookie(langCookie); err == nil {
		switch l := i18n.Lang(c.Value); l {
		case i18n.Vi, i18n.En:
			return l, false
		}
	}
	return Preferred(r.Header.Get("Accept-Language")), false
}

// Preferred is the first language of an Accept-Language header that we speak; Vietnamese
// when there is none.
func Preferred(header string) i18n.Lang {
	for part := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if l := i18n.Lang(primary); l == i18n.Vi || l == i18n.En {
			return l
		}
	}
	return i18n.Vi
}
