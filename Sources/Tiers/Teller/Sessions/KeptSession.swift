import BankAPI
import BankClient
import Ledger

/// A session of this user at a bank, kept until she signs out.
struct KeptSession: Sendable, Hashable, Codable {
    /// Where she signed in, such as `http://127.0.0.1:8080`: the token goes nowhere else.
    var server: String
    /// The bank's four letters.
    var bank: String
    /// The ledger that she signed in to: another bank may be there by now.
    var ledger: Identifier
    var user: String
    /// As `teller sessions` lists it; absent in a file of an earlier version.
    var id: Identifier?
    var token: SessionToken
    /// When it ends in any case, by the bank's clock.
    var expiresAt: Timestamp

    private enum CodingKeys: String, CodingKey {
        case server, bank, ledger, user, id, token
        case expiresAt = "expires_at"
    }
}

extension KeptSession {
    /// - Throws: when another bank is at its address by now.
    func check(_ bank: Bank, at address: BankAddress) throws(TellerError) {
        guard bank.ledger != ledger else { return }
        throw TellerError(
            .noPermission, "the session is of another ledger", at: .hop1(address),
            advice: "sign in with 'teller login NAME'")
    }
}
