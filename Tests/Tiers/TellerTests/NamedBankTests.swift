import Ledger
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A write goes to no bank that nobody named.
@Suite(.timeLimit(.minutes(10))) struct NamedBankTests {
    private static let writes = [
        ["transfer", "5", FakeLedger.alice, FakeLedger.bob], ["deposit", "5", FakeLedger.alice],
        ["open", "--name", "A", "--currency", "USD"], ["close", FakeLedger.alice],
        ["void", "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55"],
    ]

    @Test(arguments: writes)
    func withoutABankNothingIsWritten(arguments: [String]) async throws {
        try await WriteTestHome.with { home in
            let teller = try await TellerProcess.run(
                arguments, server: nil, environment: ["XDG_STATE_HOME": home.state])
            teller.expectFailure(
                69, saying: "no bank is named", "'teller up'", "--server", "nothing was sent")
            #expect(home.lines.isEmpty)
        }
    }

    @Test(arguments: writes + [["balance", FakeLedger.alice], ["accounts"], ["audit"]])
    func aHomeWhoseBankIsDownSaysSo(arguments: [String]) async throws {
        try await WriteTestHome.with { home in
            let folder = "\(home.state)/bank"
            try FileManager.default.createDirectory(
                atPath: "\(folder)/logs", withIntermediateDirectories: true)
            // Stopped; and a bank-server that died, at whose port another bank listens now.
            for state in [nil, Self.deadServer(at: home.bank.url)] {
                if let state {
                    try Data(state.utf8).write(to: URL(filePath: "\(folder)/state.json"))
                }
                let teller = try await TellerProcess.run(
                    arguments, server: nil,
                    environment: ["XDG_STATE_HOME": home.state, "TELLER_HOME": folder])
                teller.expectFailure(
                    69, saying: "the bank of this machine, in \(folder), is not up",
                    "start it with 'teller up'")
            }
            #expect(home.bank.requests.isEmpty)
            let named = try await TellerProcess.run(
                ["deposit", "5", FakeLedger.alice, "--server", home.bank.url], server: nil,
                environment: ["XDG_STATE_HOME": home.state, "TELLER_HOME": folder])
            #expect(named.status == 0, "\(named.errors)")
        }
    }

    private static func deadServer(at url: String) -> String {
        """
        {"copies":1,"migrated":true,"port":0,"version":1,"processes":[{
        "address":"\(url.dropFirst("http://".count))","logPath":"/x","startedAtSeconds":1,
        "identity":{"bootID":"x","pid":1,"startTime":1},
        "part":{"copy":1,"tier":"bank-server"}}]}
        """
    }

    @Test func aFileNamesItsBank() async throws {
        try await BatchHome.with { home in
            let done = try await home.transfer(BatchHome.csv("1"))
            #expect(done.output.hasSuffix("\n1 done at bank DEMO at \(home.server.url).\n"))
            let refused = try await home.transfer(BatchHome.csv("999"))
            #expect(refused.errors.contains("1 refused, at bank DEMO at \(home.server.url)"))
            let json = try await home.transfer(BatchHome.csv("1"), "--output", "json")
            #expect(json.output.contains(#""bank":"DEMO""#))
            #expect(json.output.contains(#""server":"\#(home.server.url)""#))
        }
    }

    @Test func aRefusalAndAnUnknownNameTheirBank() async throws {
        try await WriteTestHome.with { home in
            home.ledger.refuse(.holdExpired)
            let refused = try await home.teller(
                "deposit", "5", FakeLedger.alice, "--output", "json")
            #expect(refused.status == 1)
            #expect(refused.errors.contains("of DEMO at \(home.bank.url)"), "\(refused.errors)")
            for member in [
                #""code":"hold_expired""#, #""outcome":"refused""#, #""bank":"DEMO""#,
                #""kind":"deposit""#,
            ] { #expect(refused.output.contains(member), "\(refused.output)") }
            home.ledger.fail(
                .init(
                    isApplied: false,
                    reply: .problem("504 X", "outcome_unknown", tier: "postgresql")))
            let lost = try await home.teller("deposit", "5", FakeLedger.alice, "--timeout", "30s")
            #expect(lost.status == 2)
            #expect(lost.errors.contains("of DEMO at \(home.bank.url)"), "\(lost.errors)")
        }
    }
}
