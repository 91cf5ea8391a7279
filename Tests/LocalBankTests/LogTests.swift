import Testing

@testable import LocalBank

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite struct LogTests {
    private func append(_ text: String, to path: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(file) }
        _ = write(file, text, text.utf8.count)
    }

    @Test func readsTheLogsOfTheTiers() async throws {
        try await Fixture.with { fixture in
            let error = #expect(throws: LocalBankError.self) { try fixture.bank.logs() }
            #expect(error?.code == .notUp)
            try fixture.bank.home.makeFolders()
            append("a\nb\nc\n", to: fixture.bank.home.logFile(of: Part(.bankServer)))
            append("d\ne", to: fixture.bank.home.logFile(of: Part(.balanceService, copy: 2)))
            var lines: [String] = []
            for await line in try fixture.bank.logs() {
                lines.append("\(line.part.label) \(line.text)")
            }
            #expect(
                lines == [
                    "balance-service-2 d", "balance-service-2 e", "bank-server a", "bank-server b",
                    "bank-server c",
                ])
            lines = []
            for await line in try fixture.bank.logs(tier: .bankServer, lastLines: 2) {
                lines.append(line.text)
            }
            #expect(lines == ["b", "c"])
        }
    }

    @Test func followsUntilCancelled() async throws {
        try await Fixture.with { fixture in
            try fixture.bank.home.makeFolders()
            let path = fixture.bank.home.logFile(of: Part(.bankServer))
            append("old\nlast\n", to: path)
            let logs = try fixture.bank.logs(follow: true, lastLines: 1)
            let reader = Task {
                var lines: [String] = []
                for await line in logs {
                    lines.append(line.text)
                    if line.text == "last" { append("new\nhalf", to: path) }
                    if line.text == "new" { append(" line\n", to: path) }
                    if line.text == "half line" { withUnsafeCurrentTask { $0?.cancel() } }
                }
                return lines
            }
            #expect(await reader.value == ["last", "new", "half line"])
        }
    }

    @Test func tailBeginsWhereTheProcessDid() async throws {
        try await Fixture.with { fixture in
            let path = "\(fixture.folder)/log"
            append("before\n", to: path)
            let start = Files.sizeBytes(path)
            append("one\n\ntwo\nthree\n", to: path)
            #expect(LogFile(path).lastLines(2, after: start) == ["two", "three"])
            #expect(LogFile(path).lastLines(9, after: start) == ["one", "two", "three"])
        }
    }
}
