// oracle writes what Kubernetes' own libraries make of generated texts, for the tests that hold Lotse's readers to
// them. The texts are the same on every run.
//
//	go run . scalars    >../unit/document/library_scalars.json
//	go run . quantities >../unit/object/quantities.json
//	go run . durations  >../unit/object/durations.json
//	go run . yaml FILE...   one line of JSON a file: its documents, or why kubectl refuses it
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/rand"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const usage = "usage: oracle scalars|quantities|durations, or oracle yaml FILE..."

func main() {
	if len(os.Args) < 2 {
		fail(usage)
	}
	random := rand.New(rand.NewSource(1))
	switch os.Args[1] {
	case "scalars":
		table(scalars(random), scalar)
	case "quantities":
		table(quantities(random), quantity)
	case "durations":
		table(durations(random), duration)
	case "yaml":
		for _, file := range os.Args[2:] {
			fmt.Println(line(documents(file)))
		}
	default:
		fail(usage)
	}
}

// table prints a row for each text: the text, then what it means; the text alone where it is refused.
func table(texts []string, meaning func(string) []any) {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	seen := map[string]bool{}
	separator := "[\n"
	for _, text := range texts {
		if !seen[text] {
			seen[text] = true
			fmt.Fprint(out, separator, line(append([]any{text}, meaning(text)...)))
			separator = ",\n"
		}
	}
	fmt.Fprintln(out, "\n]")
}

// The way of a manifest through kubectl: YAML to JSON, JSON to an unstructured object.
func read(text []byte) (any, error) {
	converted, err := yaml.ToJSON(text)
	if err != nil {
		return nil, err
	}
	var value any
	err = kjson.Unmarshal(converted, &value)
	return value, err
}

func scalar(text string) []any {
	value, err := read([]byte("- " + text))
	if err != nil {
		return nil
	}
	value = value.([]any)[0]
	if float, ok := value.(float64); ok { // never to be mistaken for an integer
		value = json.RawMessage(strconv.FormatFloat(float, 'e', -1, 64))
	}
	return []any{value}
}

// quantity answers the value and the thousandths, rounded away from zero and held to 64 bits, as apimachinery's comments
// promise them; where its own integers overflow on the way, what it really says follows.
func quantity(text string) []any {
	parsed, err := resource.ParseQuantity(text)
	if err != nil {
		return nil
	}
	exact := amount(text)
	answer := []any{rounded(exact), rounded(exact.Mul(exact, big.NewRat(1000, 1)))}
	if answer[0] != parsed.Value() || answer[1] != parsed.MilliValue() {
		answer = append(answer, []int64{parsed.Value(), parsed.MilliValue()})
	}
	return answer
}

func rounded(amount *big.Rat) int64 {
	up, rest := new(big.Int).QuoRem(new(big.Int).Abs(amount.Num()), amount.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		up.Add(up, big.NewInt(1))
	}
	if !up.IsInt64() {
		up.SetInt64(math.MaxInt64)
	}
	return int64(amount.Sign()) * up.Int64()
}

// amount is what a text that is a quantity says, exactly.
func amount(text string) *big.Rat {
	end := strings.LastIndexAny(text, "0123456789.") + 1
	if exponent := strings.IndexAny(text, "eE"); exponent >= 0 && exponent < len(text)-1 && text[exponent+1] != 'i' {
		end = exponent
	}
	number, suffix := text[:end], text[end:]
	digits, fraction, _ := strings.Cut(strings.TrimLeft(number, "+-"), ".")
	value, ok := new(big.Rat).SetString("0" + digits + "." + fraction + "0")
	if !ok {
		fail("no number: " + text)
	}
	if strings.HasPrefix(text, "-") {
		value.Neg(value)
	}
	return value.Mul(value, factor(suffix))
}

func factor(suffix string) *big.Rat {
	power := func(base, exponent int64) *big.Rat {
		return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(base), big.NewInt(exponent), nil))
	}
	if i := slices.Index([]string{"Ki", "Mi", "Gi", "Ti", "Pi", "Ei"}, suffix); i >= 0 {
		return power(1024, int64(i)+1)
	}
	tens := int64(0)
	if i := slices.Index([]string{"n", "u", "m", "", "k", "M", "G", "T", "P", "E"}, suffix); i >= 0 {
		tens = 3 * (int64(i) - 3)
	} else {
		fmt.Sscan(strings.TrimPrefix(suffix[1:], "+"), &tens)
	}
	if tens < 0 {
		return new(big.Rat).Inv(power(10, -tens))
	}
	return power(10, tens)
}

func duration(text string) []any {
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return nil
	}
	return []any{parsed.Nanoseconds()}
}

func documents(file string) map[string]any {
	text, err := os.ReadFile(file)
	if err != nil {
		fail(err)
	}
	answer := map[string]any{"file": file}
	read := []any{}
	decoder := yaml.NewYAMLToJSONDecoder(bytes.NewReader(text))
	for err == nil {
		var document any
		if err = decoder.Decode(&document); err == nil && document != nil {
			read = append(read, document)
		}
	}
	answer["documents"] = read
	if err != io.EOF {
		answer["error"] = err.Error()
	}
	return answer
}

func line(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		fail(err)
	}
	return string(text)
}

func fail(why any) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(2)
}
