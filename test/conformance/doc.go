// Package conformance signs people in at the authority's node with clients that others
// wrote: openid-client and oauth4webapi (npm), go-oidc, and mod_auth_openidc under Apache.
// `make conformance` runs it; it needs node, npm and Debian's libapache2-mod-auth-openidc.
package conformance
