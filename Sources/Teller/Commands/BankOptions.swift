import ArgumentParser
import LocalBank

/// Which bank to ask, and for how long.
struct BankOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The bank's address, such as http://127.0.0.1:8080.", valueName: "url"),
        completion: .list(["http://127.0.0.1:8080"]))
    var server: String?

    @Option(
        help: ArgumentHelp(
            "The longest that all of this may take: 500ms, 5s, 2m. (default: 5s, or as said above)",
            valueName: "time"),
        completion: .list(["500ms", "1s", "5s", "30s"]))
    var timeout: String?

    func validate() throws {
        _ = try checkedTimeout()
        _ = try givenAddress()
    }

    /// The client for these options. Its clock starts now.
    ///
    /// - Parameter standardTimeout: the timeout when none is given.
    func client(
        isSampled: Bool = false, standardTimeout: Timeout = .standard
    ) throws -> BankClient {
        BankClient(
            address: try givenAddress() ?? localAddress ?? .standard,
            timeout: try checkedTimeout() ?? standardTimeout, isSampled: isSampled)
    }

    private func checkedTimeout() throws -> Timeout? {
        guard let timeout else { return nil }
        do throws(TimeoutError) {
            return try Timeout(timeout)
        } catch {
            throw ValidationError("--timeout: \(error)")
        }
    }

    /// The address that the caller gave, if any.
    private func givenAddress() throws -> BankAddress? {
        if let server { return try parse(server, .flag, name: "--server") }
        let variable = BankAddress.environmentVariable
        if let server = Environment[variable] {
            return try parse(server, .environment, name: variable)
        }
        return nil
    }

    /// Where `teller up` started a bank.
    private var localAddress: BankAddress? {
        LocalBank().runningServerURL().flatMap { try? BankAddress($0, source: .localBank) }
    }

    private func parse(
        _ text: String, _ source: BankAddress.Source, name: String
    ) throws -> BankAddress {
        do throws(BankAddressError) {
            return try BankAddress(text, source: source)
        } catch {
            throw ValidationError("\(name): \(error)")
        }
    }
}
