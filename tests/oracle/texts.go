package main

import (
	"fmt"
	"math/rand"
	"strings"
)

func pick(random *rand.Rand, from []string) string { return from[random.Intn(len(from))] }

// word is up to `most` pieces in a row.
func word(random *rand.Rand, pieces []string, most int) string {
	var text strings.Builder
	for n := 1 + random.Intn(most); n > 0; n-- {
		text.WriteString(pick(random, pieces))
	}
	return text.String()
}

func digits(random *rand.Rand, most int) string {
	return word(random, strings.Split("0123456789", ""), most)
}

func scalars(random *rand.Rand) []string {
	texts := strings.Fields(`y Y yes Yes YES yEs n N no No NO true True TRUE tRUE false on On oN off Off OFF ~ null
		Null NULL nULL 0 -0 +0 00 017 08 0o17 0x1F 0X1f 0b101 0B1 0x 0b -0x10 +0x10 1_000 1__0 _1 1_ 0x_1 1e3 1E3 1e+3
		1.5 .5 -.5 +.5 1. -1. 1.e3 .e3 . -. 1e 1e- e5 1e400 -1e400 1e-400 .inf -.Inf +.INF .nan .NaN 1.2.3 1:30
		12:30:45 2001-12-14 2001-12-14T21:59:43Z 0xG 1k 4Gi 500m 9223372036854775807 9223372036854775808
		-9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616 +9223372036854775808
		0x7fffffffffffffff 0x8000000000000000 0xffffffffffffffff -0x8000000000000000 9007199254740993
		9007199254740993.0 1152921504606846976.0 9.21e18 9223372036854775807.0 1e18 1e19 1e20 1e21 1e22 6.02e23
		123456789012345678.5 -123456789012345678.0 4.9e-324 1.7976931348623157e308 0.1 100.0 1e-7`)
	numbers := strings.Split("0 1 7 9 8 . - + e E _ x o b a f 0x 0b 00 : 1e 12345678901", " ")
	words := strings.Split("a b y n t f true no null ~ . - _ = @x / < > 0 1 é", " ")
	for len(texts) < 4200 {
		texts = append(texts, word(random, numbers, 8), word(random, words, 4), digits(random, 21))
		texts = append(texts, fmt.Sprintf("%s%s.%se%d", pick(random, []string{"", "-", "+"}), digits(random, 20),
			digits(random, 4), random.Intn(40)-20))
	}
	kept := texts[:0]
	for _, text := range texts {
		// These begin something else than a plain scalar.
		if !strings.ContainsAny(text[:1], "@=") && !strings.HasPrefix(text, "- ") && !strings.HasSuffix(text, ":") {
			kept = append(kept, text)
		}
	}
	return kept
}

func quantities(random *rand.Rand) []string {
	texts := strings.Fields(`0 1 -1 +1 . - + 1. .5 -.5 1K 1k 1M 1G 1T 1P 1E 1Ki 1Mi 1Gi 1Ti 1Pi 1Ei 1n 1u 1m 1e3 1E3 1e-3
		1E+3 1e 1e+ 1ee3 1e3k 0x1 1_0 1,5 Ki Mi k NaN Inf 0.5Ki 1.5Gi 100m 1001m 0.1n 9223372036854775807
		-9223372036854775808 9223372036854775808 123456789012345678901234567890 8Ei 7Ei 9E 10E`)
	suffixes := strings.Split(",,,n,u,m,k,M,G,T,P,E,Ki,Mi,Gi,Ti,Pi,Ei,e3,E3,e-3,E-6,e+2,e18,K,ki,g,x", ",")
	for len(texts) < 3200 {
		text := pick(random, []string{"", "", "", "-", "+"}) + digits(random, 13)
		if random.Intn(2) == 0 {
			text += "." + digits(random, 8)
		}
		texts = append(texts, text+pick(random, suffixes))
		if random.Intn(6) == 0 {
			texts = append(texts, word(random, strings.Split("0 1 9 . - + e E K i M m n k", " "), 6))
		}
	}
	return texts
}

func durations(random *rand.Rand) []string {
	texts := strings.Fields(`0 1 1s 1m 1h 1ms 1us 1µs 1μs 1ns 1d 1h30m 1.5h .5s 5.s . .s -1s +1s --1s 1h-1m 2540400h
		2562047h47m16.854775807s 2562047h47m16.854775808s -2562047h47m16.854775808s 9223372036854775807ns
		9223372036854775808ns -9223372036854775808ns 0.3333333333333333333h 1S 1H s`)
	units := strings.Split("ns us µs ms s m h h m s d", " ")
	for len(texts) < 1200 {
		text := pick(random, []string{"", "", "-", "+"})
		for n := 1 + random.Intn(3); n > 0; n-- {
			text += digits(random, 7)
			if random.Intn(3) == 0 {
				text += "." + digits(random, 20)
			}
			text += pick(random, units)
		}
		texts = append(texts, text)
	}
	return texts
}
