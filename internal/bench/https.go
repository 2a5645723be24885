package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"

	"github.com/cimwatch/cimwatch/listener"
)

// https measures a connection for each indication by HTTPS, as a ratio of the null server
// without TLS. There is no goal: what a handshake costs is for crypto/tls to say.
func (b *bench) https(ctx context.Context) error {
	cert, key, err := listener.SelfSigned(time.Now(), "127.0.0.1")
	if err != nil {
		return err
	}
	ecdsa, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return err
	}
	rsa2048, err := rsaCertificate()
	if err != nil {
		return err
	}
	for _, c := range []struct {
		name        string
		certificate tls.Certificate
		version     uint16
		resume      bool
	}{
		{"ecdsa-tls1.2", ecdsa, tls.VersionTLS12, false},
		{"ecdsa-tls1.2-resumed", ecdsa, tls.VersionTLS12, true},
		{"ecdsa-tls1.3", ecdsa, tls.VersionTLS13, false},
		{"ecdsa-tls1.3-resumed", ecdsa, tls.VersionTLS13, true},
		{"rsa-tls1.2", rsa2048, tls.VersionTLS12, false},
		{"rsa-tls1.3", rsa2048, tls.VersionTLS13, false},
	} {
		client := &tls.Config{InsecureSkipVerify: true, MaxVersion: c.version}
		if c.resume {
			client.ClientSessionCache = tls.NewLRUClientSessionCache(0)
			client.ServerName = "127.0.0.1"
		}
		if err := b.handshakes(ctx, c.name, c.certificate, client); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

func (b *bench) handshakes(ctx context.Context, name string, certificate tls.Certificate, client *tls.Config) error {
	null, err := nullService(ctx, nil)
	if err != nil {
		return err
	}
	server := &tls.Config{Certificates: []tls.Certificate{certificate}}
	v, err := listenerService(ctx, listener.HandlerFunc(forgetful), server)
	if err != nil {
		return err
	}
	return with(func() error {
		var ratios, rates []float64
		for range b.rounds {
			own, err := b.measure(ctx, b.load(v, load{senders: 16, connect: true, tls: client}))
			if err != nil {
				return err
			}
			plain, err := b.measure(ctx, b.load(null, load{senders: 16, connect: true}))
			if err != nil {
				return err
			}
			ratios, rates = append(ratios, own.rate/plain.rate), append(rates, own.rate)
		}
		_, err := fmt.Fprintf(b.out, "ratio https-connect-%s %.3f goal none (%.0f/s)\n", name, median(ratios), median(rates))
		return err
	}, v, null)
}

func rsaCertificate() (tls.Certificate, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bench"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
