// Asks a server over HTTP/2 with Go's own client, and prints a line for each thing that it saw.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"strings"
	"sync"
	"time"
)

func main() {
	client := &http.Client{
		Timeout: 20 * time.Second,
		Transport: &http.Transport{
			ForceAttemptHTTP2: true,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		},
	}
	base := os.Args[1]
	ask := func(ctx context.Context, method, path string, body io.Reader) (*http.Response, string) {
		request, err := http.NewRequestWithContext(ctx, method, base+path, body)
		check(err)
		response, err := client.Do(request)
		check(err)
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		check(err)
		return response, string(content)
	}
	background := context.Background()

	large := strings.Repeat("large ", 500_000)
	response, echoed := ask(background, "POST", "/echo", bytes.NewBufferString(large))
	fmt.Println("echoed", echoed == large, response.Proto)
	_, pieces := ask(background, "GET", "/pieces", nil)
	fmt.Println("pieces", pieces)
	hint := 0
	traced := httptrace.WithClientTrace(background, &httptrace.ClientTrace{
		Got1xxResponse: func(code int, _ textproto.MIMEHeader) error { hint = code; return nil },
	})
	_, hinted := ask(traced, "GET", "/hints", nil)
	fmt.Println("hinted", hint, hinted)
	response, trailed := ask(background, "GET", "/trailers", nil)
	fmt.Println("trailers", response.Trailer.Get("x-sum"), trailed)
	response, content := ask(background, "HEAD", "/", nil)
	fmt.Println("head", response.ContentLength, len(content))
	impatient, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(impatient, "GET", base+"/never", nil)
	check(err)
	_, err = client.Do(request)
	fmt.Println("cancelled", err != nil)
	var all sync.WaitGroup
	var lock sync.Mutex
	hellos := 0
	for i := 0; i < 1000; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			_, text := ask(background, "GET", fmt.Sprint("/", i), nil)
			lock.Lock()
			defer lock.Unlock()
			if text == "hello" {
				hellos++
			}
		}(i)
	}
	all.Wait()
	fmt.Println("hellos", hellos)
}

func check(err error) {
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}
