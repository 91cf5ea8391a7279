import BankClient
import Chain

extension BankAddress.Source {
    static let localBank = Self(rawValue: "teller up")
    static let standard = Self(rawValue: "standard")
}

extension BankAddress {
    static let standard = BankAddress(
        isSecure: false, authority: HostAndPort(host: "127.0.0.1", port: 8080), source: .standard)

    static let environmentVariable = "TELLER_SERVER"

    /// What to do where nothing listens.
    var startOrCorrect: String {
        source == .localBank
            ? "start it again with 'teller up'" : "start a bank with 'teller up', or \(correction)"
    }

    /// How to change the address.
    var correction: String {
        switch source {
        case .localBank, .standard: "give a bank's address with --server"
        default: "correct \(source.rawValue)"
        }
    }
}
