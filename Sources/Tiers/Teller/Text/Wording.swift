import Bytes
import Ledger

extension Money {
    /// With its currency, such as `USD 1,234.56`.
    var forPeople: String { "\(currency.code) \(formatted)" }
}

extension Timestamp {
    /// Without the parts of a second, such as `2026-01-31 09:30:00 UTC`.
    var forPeople: String { text(hasTime: true) + " UTC" }

    /// `2026-01-31 09:30:00` in UTC, or only its day.
    func text(hasTime: Bool) -> String {
        String(description.prefix(hasTime ? 19 : 10)).replacing("T", with: " ")
    }
}

extension FixedWidthInteger {
    /// With separators between groups of three digits, such as `12,345`.
    var grouped: String {
        let digits = String(magnitude)
        let text = digits.enumerated().map { index, digit in
            index > 0 && (digits.count - index) % 3 == 0 ? ",\(digit)" : "\(digit)"
        }
        return (self < 0 ? "-" : "") + text.joined()
    }
}

extension String {
    /// The text without the full stop at its end.
    var withoutStop: String { withoutEnd(".") }

    /// The text without any such character at its end.
    func withoutEnd(_ character: Character) -> String {
        var text = self
        while text.last == character { text.removeLast() }
        return text
    }

    func withoutPrefix(_ prefix: String) -> String {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
    }

    /// A sentence, to go on within another.
    var lowercasedFirst: String {
        guard let first, dropFirst().first?.isUppercase != true else { return self }
        return first.lowercased() + dropFirst()
    }

    /// The digits that it begins with, and the rest: by bytes, as a mark makes a digit another
    /// Character.
    var digitsAndUnit: (digits: String, unit: String) {
        let end = utf8.firstIndex { !$0.isASCIIDigit } ?? endIndex
        return (String(self[..<end]), String(self[end...]))
    }

    /// The text in lines of so many columns, broken at spaces; a longer word stays whole.
    func wrapped(toColumns limit: Int) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ", omittingEmptySubsequences: false) {
            if let line = lines.last,
                line.isEmpty
                    || line.displayWidth + 1 + String(word).displayWidth <= limit
            {
                lines[lines.count - 1] += (line.isEmpty ? "" : " ") + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.filter { !$0.isEmpty }
    }
}
