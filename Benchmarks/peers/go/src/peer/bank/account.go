package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var accountForm = regexp.MustCompile(`^XB[0-9]{2}[A-Z]{4}[0-9]{10}$`)

// parseAccount checks an account number in the form of an IBAN and gives its last ten digits.
func parseAccount(text string) (account string, number int64, err error) {
	account = strings.ToUpper(strings.ReplaceAll(text, " ", ""))
	if !accountForm.MatchString(account) {
		return "", 0, errors.New("not an account number")
	}
	remainder := 0
	for _, character := range account[4:] + account[:4] {
		if character >= 'A' {
			remainder = (remainder*100 + int(character-'A') + 10) % 97
		} else {
			remainder = (remainder*10 + int(character-'0')) % 97
		}
	}
	if remainder != 1 {
		return "", 0, errors.New("check digits do not match")
	}
	number, err = strconv.ParseInt(account[8:], 10, 64)
	return account, number, err
}

// decimal writes minor units of a currency (ISO 4217) as a decimal number.
func decimal(minorUnits int64, currency string) string {
	if currency == "JPY" {
		return strconv.FormatInt(minorUnits, 10)
	}
	sign := ""
	if minorUnits < 0 {
		sign, minorUnits = "-", -minorUnits
	}
	return fmt.Sprintf("%s%d.%02d", sign, minorUnits/100, minorUnits%100)
}
