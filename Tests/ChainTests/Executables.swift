import Foundation
import TestSupport

/// The executables of the tiers, as built beside the tests.
enum Executables {
    static let teller = path("teller")
    static let bankServer = path("bank-server")
    static let balanceService = path("balance-service")

    private static func path(_ name: String) -> String {
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? .main
        let folder =
            bundle.bundlePath.hasSuffix(".xctest")
            ? bundle.bundleURL.deletingLastPathComponent() : bundle.bundleURL
        return folder.appendingPathComponent(name).path
    }

    /// Runs one to its end, with no more of an environment than it is given.
    static func run(
        _ words: [String], environment: [String: String] = [:],
        within bound: Duration = .seconds(30)
    ) async throws -> (status: Int32?, output: String) {
        let log = FileManager.default.temporaryDirectory
            .appendingPathComponent("run-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: log) }
        let process = try ChildProcess(words, environment: environment, log: log)
        defer { process.stop() }
        let status = try await process.waitForExit(within: bound)
        return (status, process.output)
    }
}
