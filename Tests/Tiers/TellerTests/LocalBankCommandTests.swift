import Chain
import Foundation
import LocalBank
import Testing

@testable import Teller

@Suite(.timeLimit(.minutes(10))) struct LocalBankCommandTests {
    @Test func statusSaysThatNothingIsUp() async throws {
        let table = try await TellerProcess.run("status")
        table.expectFailure(69, saying: "no bank is up on this machine", "'teller up'")
        let json = try await TellerProcess.run("status", "--output", "json")
        #expect(json.output == "[]\n")
        #expect(json.status == 69)
    }

    @Test func logsSaysThatThereAreNone() async throws {
        try await TellerProcess.run("logs").expectFailure(69, saying: "there are no logs")
    }

    @Test func downHasNothingToStop() async throws {
        let teller = try await TellerProcess.run("down")
        #expect(teller.status == 0)
        #expect(teller.output == "No bank is up.\n")
    }

    /// Whenever a purge is ended, the data is whole or gone, and the next one finishes.
    @Test(arguments: [0, 3, 10, 30]) func purgeIsInterrupted(afterMilliseconds wait: Int)
        async throws
    {
        let home = NSTemporaryDirectory() + "teller-purge-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: home) }
        let data = "\(home)/postgres/data/base"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        for number in 0..<3000 {
            _ = FileManager.default.createFile(atPath: "\(data)/\(number)", contents: nil)
        }
        let environment = ["TELLER_HOME": home]
        _ = try await TellerProcess.shell(
            "$teller down --purge & while [ -e \(home)/postgres ] && kill -0 $!; do :; done; "
                + "sleep 0.\(String(1000 + wait).dropFirst()); kill -9 $!", environment: environment
        )
        let left = try? FileManager.default.contentsOfDirectory(atPath: data)
        #expect(left == nil || left?.count == 3000)
        let again = try await TellerProcess.run("down", "--purge", environment: environment)
        #expect(again.status == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home) == ["lock"])
    }

    @Test(arguments: [
        (LocalBankError.Code.upDifferently, Teller.ExitStatus.usage),
        (.homeUnusable, .cannotCreate),
        (.postgresMissing, .configuration), (.postgresVersion, .configuration),
        (.portInUse, .unavailable), (.diedAtStart, .unavailable), (.locked, .temporaryFailure),
        (.migrationFailed, .software),
    ])
    func eachFailureHasAStatus(code: LocalBankError.Code, status: Teller.ExitStatus) {
        #expect(LocalBankFailure.status(code) == status)
    }

    @Test func stepsAlign() {
        let steps: [Step] = [
            .finished(.createDataFolder("/srv/teller"), address: nil, took: .milliseconds(1234)),
            .finished(.start(Part(.postgreSQL)), address: "/srv/run", took: .milliseconds(87)),
            .finished(.migrate(demo: true), address: nil, took: .milliseconds(340)),
            .finished(
                .start(Part(.balanceService, copy: 12)), address: "127.0.0.1:41231",
                took: .seconds(12)),
            .alreadyRunning(Part(.bankServer)), .stopped(Part(.bankServer), .killed),
            .finished(
                .purge(hadData: false, kept: "postgresql://db/x"), address: nil, took: .seconds(1)),
        ]
        let lines = steps.map { StepLine($0).text(Style(hasColour: false), columns: 80) }
        let expected = """
              ✓ data folder          1.2 s   /srv/teller
              ✓ PostgreSQL           87 ms   /srv/run
              ✓ migrations          340 ms   with demo data
              ✓ balance-service 12    12 s   127.0.0.1:41231
              ✓ bank-server                  runs already
              ! bank-server                  killed: it did not end in time
              ✓ purge                1.0 s   logs and state are deleted; the database postgresql://db/x was not touched
            """
        #expect(lines.joined(separator: "\n") == expected)
    }

    @Test(arguments: [
        (Duration.milliseconds(0), "0 ms"), (.milliseconds(999), "999 ms"),
        (.milliseconds(1000), "1.0 s"), (.seconds(119), "119 s"), (.seconds(120), "2 min"),
        (.seconds(7199), "119 min"), (.seconds(7200), "2 h"), (.seconds(172_800), "2 d"),
        (.seconds(-1), "0 ms"),
    ])
    func writesDurationsBriefly(duration: Duration, text: String) {
        #expect(duration.brief == text)
    }
}
