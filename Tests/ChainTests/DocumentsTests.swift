import Foundation
import Ledger
import TestSupport
import Testing

/// What docs/ says is what the programs and the tree say.
@Suite(.timeLimit(.minutes(2)))
struct DocumentsTests {
    /// The cells of the tables in a file of docs/, without the quotes of code; no heads.
    private func rows(of file: String) throws -> [[String]] {
        let url = projectFolder.appending(path: "docs/\(file)")
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        let rows = lines.filter { $0.hasPrefix("|") }.map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map
            {
                $0.replacing("`", with: "").trimmingCharacters(in: .whitespaces)
            }
        }
        return Array(rows.dropFirst(2))
    }

    /// In one line each, since help texts are wrapped.
    private func help(_ words: [String]) async throws -> String {
        let (status, output) = try await Executables.run(words)
        #expect(status == 0, "\(words): \(output)")
        return output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test func exitCodes() async throws {
        let rows = try rows(of: "exit-codes.md")
        let list = try await help([Executables.teller, "help", "exit-codes"])
            .replacing("'", with: "")
        for row in rows {
            let words = row.joined(separator: " ").replacing("'", with: "")
            #expect(list.contains(words), "\(row)")
        }
        let lines = try await Executables.run([Executables.teller, "help", "exit-codes"]).output
            .matches(of: /(?m)^ *\d+  [A-Z]/)
        #expect(rows.count == lines.count)
    }

    /// Few enough to read in an afternoon, each there, once, and with a sentence.
    @Test(arguments: [("## A balance", 30), ("## A transfer", 40)])
    func chain(heading: String, most: Int) throws {
        let url = projectFolder.appending(path: "docs/chain.md")
        let text = try String(contentsOf: url, encoding: .utf8)
        let section = try #require(text.split(separator: heading).dropFirst().first)
        let end = section.firstRange(of: "\n## ")?.lowerBound ?? section.endIndex
        let lines = section[..<end].split(separator: "\n").filter { $0.first?.isNumber == true }
        let files = try lines.enumerated().map { index, line in
            let parts = try #require(
                line.wholeMatch(of: /(\d+)\. `(Sources\/[^`]+\.swift)`: [a-z].*\./), "\(line)")
            #expect(Int(parts.1) == index + 1, "\(line)")
            return String(parts.2)
        }
        #expect((1...most).contains(files.count))
        #expect(Set(files).count == files.count)
        for file in files {
            let path = projectFolder.appending(path: file).path
            #expect(FileManager.default.fileExists(atPath: path), "\(file)")
        }
    }

    /// A cell is empty where the table in Ledger has nothing.
    @Test func rights() throws {
        let rows = try rows(of: "rights.md")
        let table = Act.allCases.map { act in
            [act.rawValue] + Part.names.map { act.parts.contains($0.value) ? "yes" : "" }
        }
        #expect(rows == table)
        let url = projectFolder.appending(path: "docs/rights.md")
        let head = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix("|") }.map(String.init)
        #expect(head == "| | " + Part.names.map(\.key).joined(separator: " | ") + " |")
    }

    @Test func configuration() async throws {
        let bank = try await help([Executables.bankServer, "serve", "--help"])
        let service = try await help([Executables.balanceService, "serve", "--help"])
        let helps = [
            "teller": try await help([Executables.teller, "help", "balance"])
                + help([Executables.teller, "help"]) + help([Executables.teller, "help", "up"])
                + help([Executables.teller, "help", "pending"]),
            "bank-server": bank, "balance-service": service,
            "balance-service migrate": try await help(
                [Executables.balanceService, "migrate", "--help"]),
            "balance-service user demo": try await help(
                [Executables.balanceService, "user", "demo", "--help"]),
        ]
        for row in try rows(of: "configuration.md") {
            let both = row[0] == "both servers"
            for help in both ? [bank, service] : [helps[row[0]]].compactMap(\.self) {
                #expect(row[1].isEmpty || help.contains(row[1]), "\(row)")
                // Of teller's, those that only its surroundings set are in no help.
                guard row[0] != "teller" || !row[1].isEmpty else { continue }
                #expect(row[2].isEmpty || help.contains(row[2]), "\(row)")
            }
        }
        // And no flag of a server is left out.
        let flags = try rows(of: "configuration.md").map { $0[1] }
        for flag in (bank + service).matches(of: /--[a-z-]+/).map(\.output)
        where flag != "--help" && flag != "--version" {
            #expect(flags.contains(String(flag)), "\(flag)")
        }
    }
}
