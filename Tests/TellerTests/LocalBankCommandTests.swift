import Chain
import LocalBank
import Testing

@testable import Teller

@Suite(.timeLimit(.minutes(1))) struct LocalBankCommandTests {
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

    @Test(arguments: [
        (LocalBankError.Code.badOptions, Teller.ExitStatus.usage), (.homeUnusable, .cannotCreate),
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
        ]
        let lines = steps.map { StepLine($0).text(Style(hasColour: false), columns: 80) }
        let expected = """
              ✓ data folder          1.2 s   /srv/teller
              ✓ PostgreSQL           87 ms   /srv/run
              ✓ migrations          340 ms   with demo data
              ✓ balance-service 12    12 s   127.0.0.1:41231
              ✓ bank-server                  runs already
              ! bank-server                  killed: it did not end in time
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
