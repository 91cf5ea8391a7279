import Ledger

enum AccountSamples {
    /// The compact number of a bank's account.
    static func number(_ number: Int) -> String {
        (try? AccountNumber(bank: "DEMO", number: Int64(number)))?.compact ?? ""
    }
}
