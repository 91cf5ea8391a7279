import BalanceAPI
import Chain

/// What a new password must not be (OWASP ASVS 5.0, 6.2): no rule says what it has to be made of.
enum PasswordRules {
    static let fewest = 8

    /// Those that everybody tries first, in lower case.
    private static let common: Set<Substring> = Set(
        String(decoding: PackageResources.common_passwords_txt, as: UTF8.self)
            .split(separator: "\n").filter { !$0.hasPrefix("#") })

    /// - Parameters:
    ///   - user: Her name, which counts for nothing in it.
    ///   - bank: The bank's four letters; neither do these.
    /// - Throws: ``Refused`` that says what to do.
    static func check(_ password: Secret, user: String, bank: String) throws(Refused) {
        let text = password.text
        // As people count: ASVS takes a character of Unicode for one.
        guard text.unicodeScalars.count >= fewest else {
            throw Refused(.passwordRefused, "A password has at least \(fewest) characters.")
        }
        let lower = text.lowercased()
        guard !common.contains(lower[...]) else {
            throw Refused(.passwordRefused, "That is one of the passwords that are tried first.")
        }
        let words = [user, "teller", "bank", bank.lowercased()]
        let rest = words.reduce(lower) { $0.replacing($1, with: "") }
        guard rest.unicodeScalars.count >= fewest else {
            throw Refused(
                .passwordRefused,
                "The user's name and the bank's count for nothing in a password: "
                    + "it needs \(fewest) characters besides them.")
        }
    }

    /// Four groups of four letters and digits that cannot be mistaken for each other: 80 random bits.
    static func random() -> Secret {
        let digits = Array("abcdefghijkmnpqrstuvwxyz23456789")
        let text = [UInt8].random(16).map { String(digits[Int($0) % digits.count]) }
        return Secret(
            stride(from: 0, to: 16, by: 4).map { text[$0..<$0 + 4].joined() }
                .joined(separator: "-"))
    }
}
