import Ledger

/// How long a hold lasts, as people write it: `30s`, `15m`, `12h`, `7d`.
enum HoldDuration {
    /// - Returns: seconds; `nil` when the text is not a whole number and a unit, or the time is not
    ///   one that a hold may last.
    static func seconds(_ text: String) -> Int64? {
        let (digits, name) = text.digitsAndUnit
        let units = ["s": Int64(1), "m": 60, "h": 3600, "d": 86_400]
        guard let unit = units[name], let number = Int64(digits) else { return nil }
        let (seconds, isLarge) = number.multipliedReportingOverflow(by: unit)
        return !isLarge && TransferRequest.holdSeconds.contains(seconds) ? seconds : nil
    }
}
