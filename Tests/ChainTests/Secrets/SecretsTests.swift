import BankAPI
import Chain
import Foundation
import TestSupport
import Testing

extension ChainTests {
    /// Passwords, tokens, keys, amounts and account numbers are nowhere but in their places.
    @Suite(.timeLimit(.minutes(5)))
    struct SecretsTests {
        private static let amount = "31337.17"

        @Test func areNowhereElse() async throws {
            try await ChainHarness.with(environment: ["LOG_LEVEL": "trace"]) { chain async throws in
                var person = try await SecretivePerson(chain)
                defer { person.front.process.stop() }
                let seen = try await SeenArguments.during {
                    try await person.signsInAndPays(Self.amount)
                    try await person.isFailed(Self.amount)
                    // Last: who fails often has to wait.
                    try await person.isRefused()
                }
                #expect(seen.contains { $0.contains("login") && $0.contains("--password-stdin") })
                person.written.add("the list of processes", seen.joined(separator: "\n"))
                try await person.tiersEnd()

                // Each is in its place, in the form that is searched for.
                let dump = try await runCommand(["pg_dump", "--inserts", "-d", chain.database])
                #expect(dump.contains("$argon2id$"))
                #expect(dump.contains(try await person.hashOfToken))
                #expect(person.keptSession.contains(person.token.secret.text))
                let mode = try FileManager.default.attributesOfItem(atPath: person.sessionsFile)
                #expect(mode[.posixPermissions] as? Int == 0o600)

                var written = person.written
                written.add("a dump of the database", dump)
                try written.addFiles(in: chain.folder) { path in
                    path.hasSuffix(".log")
                        || path.contains("state/") && !path.hasSuffix("sessions.json")
                }
                #expect(written.texts.contains { $0.place.hasSuffix("teller/journal") })
                #expect(written.finds(person.secrets) == [])

                var logs = WrittenTexts()
                try logs.addFiles(in: chain.folder) { $0.hasSuffix(".log") }
                #expect(logs.texts.count == 3)
                let unlogged = [
                    "$argon2id$", try await person.hashOfToken,
                    Self.amount, Self.amount.replacing(".", with: ""), "31,337.17",
                    try account(17), "0000000017", "XB45 DEMO 0000 0000 17", "XB45%20DEMO",
                ]
                #expect(logs.finds(unlogged.map { PlantedSecret($0, $0) }) == [])
                let access = logs.texts.map { $0.text }.joined()
                #expect(access.contains("path=/v1/accounts/*0017/balance "))
                #expect(access.split(separator: "msg=\"call failed\"").count >= 3)
                #expect(access.contains("msg=\"a transfer cannot be posted\""))
            }
        }
    }
}
