package cli_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// post sends a file as a CIM server sends an indication and checks the status of the answer:
//
//	post 200 http://127.0.0.1:$listen_port/test alert.xml
func post(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: post STATUS URL FILE")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, args[1], bytes.NewReader([]byte(ts.ReadFile(args[2]))))
	ts.Check(err)
	request.Header.Set("Content-Type", `application/xml; charset="utf-8"`)
	request.Header["CIMExport"] = []string{"MethodRequest"}
	request.Header["CIMExportMethod"] = []string{"ExportIndication"}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // as sfcb does
	}}
	response, err := client.Do(request)
	ts.Check(err)
	ts.Check(response.Body.Close())
	if got := strconv.Itoa(response.StatusCode); got != args[0] {
		ts.Fatalf("status is %s, want %s", got, args[0])
	}
}

// play plays a step of a simulator's scenario, as any CIM client can:
//
//	play http://127.0.0.1:$sim_port case-opened
func play(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: play URL STEP")
	}
	client, err := cimxml.NewClient(args[0], nil)
	ts.Check(err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	path := cim.InstancePath("root/cimv2", "CIMWATCH_Simulator", cim.Key{Name: "Name", Value: cim.String("sim")})
	result, _, err := client.InvokeMethod(ctx, path, "PlayStep", cim.Param("Step", cim.String(args[1])))
	ts.Check(err)
	if n, ok := result.Uint64(); !ok || n != 0 {
		ts.Fatalf("PlayStep returned %s", result)
	}
}

// certificate writes a certificate for this machine that nobody signed, and its key.
func certificate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: certificate CERTFILE KEYFILE")
	}
	makeCertificate(ts.Check, ts.MkAbs(args[0]), ts.MkAbs(args[1]))
}

// makeCertificate writes a certificate for 127.0.0.1 and its key; check is told of each step.
func makeCertificate(check func(error), files ...string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	check(err)
	for i, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: cert}, {Type: "PRIVATE KEY", Bytes: private}} {
		check(os.WriteFile(files[i], pem.EncodeToMemory(block), 0o600))
	}
}
