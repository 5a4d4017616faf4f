// probe is the only program of the test image: what a test wants a container to do, in one word. Also the sandbox's
// pause program.
package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

const usage = `probe pause             until SIGTERM
probe sleep SECONDS
probe print TEXT...     one line for each
probe count N RATE      lines of 1000 bytes that begin with their number, RATE a second
probe exit CODE
probe write FILE TEXT
probe read FILE
probe cat               standard input to standard output
probe tty               the terminal's size, now and after each change, until a line comes
probe lookup NAME...    their addresses, waiting for each until it resolves
probe get URL           the answer's body, waiting until the server answers
probe serve PORT        every request is answered with the host's name, until SIGTERM; /sum with the SHA-256 of its body,
                        /bytes/N with N bytes
probe meet SERVICE      index 0 and index 1 of an Indexed Job find each other by the names SERVICE-0.SERVICE, SERVICE-1.SERVICE
`

const patience = 60 * time.Second

func main() {
	// Process 1 of a container ignores the signals that it does not handle.
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() { os.Exit(128 + int((<-stop).(syscall.Signal))) }()

	args := append(os.Args[1:], "", "")
	switch args[0] {
	case "pause":
		select {}
	case "sleep":
		time.Sleep(time.Duration(number(args[1])) * time.Second)
	case "print":
		for _, line := range os.Args[2:] {
			fmt.Println(line)
		}
	case "count":
		count(number(args[1]), number(args[2]))
	case "exit":
		os.Exit(number(args[1]))
	case "write":
		must(os.WriteFile(args[1], []byte(args[2]+"\n"), 0o644))
	case "read":
		text, err := os.ReadFile(args[1])
		must(err)
		os.Stdout.Write(text)
	case "cat":
		_, err := io.Copy(os.Stdout, os.Stdin)
		must(err)
	case "tty":
		tty()
	case "lookup":
		for _, name := range os.Args[2:] {
			fmt.Println(name, lookup(name))
		}
	case "get":
		fmt.Print(get(args[1]))
	case "serve":
		must(http.ListenAndServe(":"+strconv.Itoa(number(args[1])), http.HandlerFunc(answer)))
	case "meet":
		meet(args[1], os.Getenv("JOB_COMPLETION_INDEX"))
	default:
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
}

// Index 1 waits for the answer of index 0, which serves it only after it has found index 1: neither can end before
// the other has resolved its name.
func meet(service, index string) {
	if index != "0" {
		fmt.Print("met ", get("http://"+service+"-0."+service+":8080/"))
		return
	}
	peer := service + "-1." + service
	fmt.Println("found", peer, lookup(peer))
	listener, err := net.Listen("tcp", ":8080")
	must(err)
	served := make(chan bool, 1)
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(w, r)
		served <- true
	}))
	<-served
	time.Sleep(500 * time.Millisecond) // the answer is on its way
}

// In bursts of a hundredth of a second.
func count(lines, rate int) {
	begun := time.Now()
	for line := range lines {
		fmt.Println(line, strings.Repeat("x", 999-len(strconv.Itoa(line))-1))
		if line%max(rate/100, 1) == 0 {
			time.Sleep(time.Until(begun.Add(time.Duration(line) * time.Second / time.Duration(rate))))
		}
	}
}

func tty() {
	changed := make(chan os.Signal, 1)
	signal.Notify(changed, syscall.SIGWINCH)
	go func() {
		for {
			var size struct{ rows, columns, x, y uint16 }
			syscall.Syscall(syscall.SYS_IOCTL, 0, syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
			fmt.Printf("size %dx%d\n", size.columns, size.rows)
			<-changed
		}
	}()
	bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Println("bye")
}

func answer(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/sum" {
		sum := sha256.New()
		io.Copy(sum, r.Body)
		fmt.Fprintf(w, "%x\n", sum.Sum(nil))
		return
	}
	if count, found := strings.CutPrefix(r.URL.Path, "/bytes/"); found {
		w.Write(make([]byte, number(count)))
		return
	}
	name, _ := os.Hostname()
	fmt.Fprintln(w, name)
}

func lookup(name string) []string {
	var addresses []string
	retry(func() (err error) {
		addresses, err = net.LookupHost(name)
		return
	})
	return addresses
}

func get(url string) string {
	var body []byte
	client := http.Client{Timeout: 5 * time.Second}
	retry(func() error {
		response, err := client.Get(url)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		body, err = io.ReadAll(response.Body)
		return err
	})
	return string(body)
}

func retry(try func() error) {
	deadline := time.Now().Add(patience)
	err := try()
	for err != nil && time.Now().Before(deadline) {
		time.Sleep(200 * time.Millisecond)
		err = try()
	}
	must(err)
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	must(err)
	return n
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}
