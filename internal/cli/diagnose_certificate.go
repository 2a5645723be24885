package cli

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/cimxml"
)

// diagnoseCertificate knows the reasons not to trust a CIM server.
func diagnoseCertificate(err error) (diagnosis, bool) {
	d := diagnosis{code: ExitUnreachable}
	var pinned *cimxml.FingerprintError
	var verification *tls.CertificateVerificationError
	var name x509.HostnameError
	var expired x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &pinned):
		d.hint = "if the host got a new certificate, give its fingerprint; if not, someone may be in between"
	case errors.As(err, &name):
		d.hint = namesHint(name.Certificate) + " with --fingerprint" + presented(err)
	case errors.As(err, &expired):
		d.hint = "have the certificate renewed, or pin it with --fingerprint" + presented(err)
	case errors.As(err, &unknown) && errors.As(err, &verification):
		d.hint = issuerHint(verification.UnverifiedCertificates) + " with --fingerprint" + presented(err)
	case errors.As(err, &verification):
		d.hint = "give the authority that signed the certificate with --ca FILE, " +
			"or pin the certificate with --fingerprint" + presented(err)
	default:
		return diagnosis{}, false
	}
	return d, true
}

// presented returns the fingerprint of the certificate that could not be verified, after a
// space, "" where it is not known.
func presented(err error) string {
	verification, ok := errors.AsType[*tls.CertificateVerificationError](err)
	if !ok || len(verification.UnverifiedCertificates) == 0 {
		return ""
	}
	return " " + cimxml.FormatFingerprint(sha256.Sum256(verification.UnverifiedCertificates[0].Raw))
}

// issuerHint says who signed a certificate that nobody trusted has signed. It ends where the
// fingerprint follows.
func issuerHint(chain []*x509.Certificate) string {
	const pin = ", or pin the certificate"
	if len(chain) == 0 {
		return "give the authority that signed the certificate with --ca FILE" + pin
	}
	last := chain[0]
	for range chain { // each step goes up, and a circle ends
		i := slices.IndexFunc(chain, func(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, last.RawIssuer) })
		if i < 0 || chain[i] == last {
			break
		}
		last = chain[i]
	}
	if bytes.Equal(last.RawSubject, last.RawIssuer) && last == chain[0] {
		return "the certificate signed itself: give it with --ca FILE" + pin
	}
	return "the certificate was issued by " + quoteName(last.Issuer.String()) + ": give that authority's certificate with --ca FILE" + pin
}

// maxNames is how many names of a certificate a hint has.
const maxNames = 5

// namesHint says which names a certificate has, where it has not that of the URL. It ends
// where the fingerprint follows.
func namesHint(c *x509.Certificate) string {
	names := slices.Clone(c.DNSNames)
	for _, address := range c.IPAddresses {
		names = append(names, address.String())
	}
	switch {
	case len(names) == 0 && c.Subject.CommonName == "":
		return "the certificate has no name: pin it"
	case len(names) == 0:
		return "the certificate has no name but the common name " + quoteName(c.Subject.CommonName) + ", which counts no more: pin it"
	}
	more := ""
	if len(names) > maxNames {
		more = fmt.Sprintf(" and %d more", len(names)-maxNames)
		names = names[:maxNames]
	}
	for i, name := range names {
		names[i] = clip(name)
	}
	return "the certificate is for " + strings.Join(names, ", ") + more + ": use such a name in the URL, or pin the certificate"
}

func quoteName(name string) string { return strconv.Quote(clip(name)) }
