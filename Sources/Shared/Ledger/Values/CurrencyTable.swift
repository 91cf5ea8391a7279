/// The active currencies and funds of ISO 4217 (list one as of January 2026) with their minor units.
///
/// No account can be kept in those without a minor unit (metals, units of account, testing, 'no
/// currency').
struct CurrencyTable: Sendable {
    /// Packed as in ``Currency``: three letters, then the exponent; ascending.
    let rows: [UInt32]

    init() {
        var rows: [UInt32] = []
        for (exponent, codes) in Self.codesByExponent {
            for code in codes.split(whereSeparator: \.isWhitespace) {
                rows.append(code.utf8.reduce(0) { $0 << 8 | UInt32($1) } << 8 | exponent)
            }
        }
        self.rows = rows.sorted()
    }

    /// The row of a code given as three letters in the low 24 bits, by binary search.
    func first(withLetters letters: UInt32) -> UInt32? {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle] >> 8 < letters { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low] >> 8 == letters ? rows[low] : nil
    }

    /// ISO 4217: metals, units of account, XTS for tests and XXX for no currency.
    static let codesWithoutMinorUnit: Set = [
        "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX",
    ]

    private static let codesByExponent: [(UInt32, String)] = [
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (
            2,
            """
            AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
            CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
            GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK
            LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
            NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
            SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST
            XAD XCD XCG YER ZAR ZMW ZWG
            """
        ),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    ]
}
