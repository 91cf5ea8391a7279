import Ledger

extension Money {
    /// With its currency, such as `USD 1,234.56`.
    var forPeople: String { "\(currency.code) \(formatted)" }
}

extension Timestamp {
    /// Without the parts of a second, such as `2026-01-31 09:30:00 UTC`.
    var forPeople: String {
        description.prefix(19).replacing("T", with: " ") + " UTC"
    }
}
