import Foundation
import TestSupport
import Testing

/// docker-compose.yml, as far as it can be checked without containers.
@Suite(.timeLimit(.minutes(1)))
struct ComposeTests {
    private static let file = projectFolder.appendingPathComponent("docker-compose.yml")

    private static let hasCompose = (ProcessInfo.processInfo.environment["PATH"] ?? "")
        .split(separator: ":")
        .contains { FileManager.default.isExecutableFile(atPath: "\($0)/docker-compose") }

    @Test(.enabled(if: hasCompose, "docker-compose is not installed"))
    func isValid() async throws {
        try await runCommand(["docker-compose", "-f", Self.file.path, "config", "-q"])
    }

    /// Each variable that a tier gets is one that the sources read, or libpq.
    @Test func setsNoVariableThatNobodyReads() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let names = Set(text.matches(of: #/(?m)^ +([A-Z][A-Z_]+): /#).map { String($0.1) })
        #expect(names.count >= 7)
        let known: Set = ["PGPASSWORD", "POSTGRES_DB", "POSTGRES_PASSWORD"]
        let sources = try Self.sources()
        for name in names.subtracting(known) {
            #expect(sources.contains("\"\(name)\""), "\(name) is read nowhere")
        }
    }

    @Test func namesPathsThatExist() throws {
        let dockerfile = try String(
            contentsOf: projectFolder.appendingPathComponent("Dockerfile"), encoding: .utf8)
        for match in dockerfile.matches(of: #/(?m)^COPY (?!--from)(\S+) /#) {
            let path = projectFolder.appendingPathComponent(String(match.1)).path
            #expect(FileManager.default.fileExists(atPath: path), "\(match.1)")
        }
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        #expect(text.contains("build: ."))
        for match in text.matches(of: #/command: \["([a-z-]+)"/#) {
            let path = URL(fileURLWithPath: Executables.teller).deletingLastPathComponent()
                .appendingPathComponent(String(match.1)).path
            #expect(FileManager.default.isExecutableFile(atPath: path), "\(match.1)")
        }
    }

    private static func sources() throws -> String {
        let folder = projectFolder.appendingPathComponent("Sources")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var text = ""
        for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
            text += try String(contentsOf: file, encoding: .utf8)
        }
        return text
    }
}
