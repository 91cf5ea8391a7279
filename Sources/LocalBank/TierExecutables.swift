/// Where the executables of the tiers are.
public struct TierExecutables: Sendable {
    public let balanceService: String
    public let bankServer: String

    /// Looks next to the running executable, where a build or an installation has put all of
    /// them, and then in PATH.
    ///
    /// - Throws: `LocalBankError.Code.executableMissing`.
    public static func find() throws(LocalBankError) -> TierExecutables {
        var folders: [String] = []
        if let own = Host.executableFolder() { folders.append(own) }
        folders += Host.searchPath
        return try TierExecutables(folders: folders)
    }

    /// - Parameter folders: searched in this order.
    public init(folders: [String]) throws(LocalBankError) {
        balanceService = try Self.find("balance-service", in: folders)
        bankServer = try Self.find("bank-server", in: folders)
    }

    private static func find(
        _ name: String, in folders: [String]
    ) throws(LocalBankError) -> String {
        for folder in folders where folder.isAbsolutePath {
            let path = "\(folder)/\(name)"
            if Files.isExecutable(path) { return path }
        }
        throw LocalBankError(
            .executableMissing,
            "cannot find the executable \(name), neither in \(folders.first ?? "/") nor in PATH",
            advice: "build it with: swift build --product \(name)")
    }
}
