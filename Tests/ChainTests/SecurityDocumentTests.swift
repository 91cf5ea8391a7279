import Foundation
import TestSupport
import Testing

/// SECURITY.md answers each requirement of OWASP ASVS 5.0 level 1, and names what is there.
struct SecurityDocumentTests {
    /// The numbers of level 1, by their sections.
    private static let level1 = [
        "1.2": [1, 2, 3, 4, 5], "1.3": [1, 2], "1.5": [1], "2.1": [1], "2.2": [1, 2], "2.3": [1],
        "3.2": [1, 2], "3.3": [1], "3.4": [1, 2], "3.5": [1, 2, 3], "4.1": [1], "4.4": [1],
        "5.2": [1, 2], "5.3": [1, 2], "6.1": [1], "6.2": Array(1...8), "6.3": [1, 2],
        "6.4": [1, 2],
        "7.2": [1, 2, 3, 4], "7.4": [1, 2], "8.1": [1], "8.2": [1, 2], "8.3": [1],
        "9.1": [1, 2, 3], "9.2": [1], "10.4": Array(1...5), "11.3": [1, 2], "11.4": [1],
        "12.1": [1], "12.2": [1, 2], "13.4": [1], "14.2": [1], "14.3": [1], "15.1": [1],
        "15.2": [1], "15.3": [1],
    ]

    /// The cells of the rows whose first one has numbers of requirements, below a heading.
    private func rows(below heading: String) throws -> [[String]] {
        let url = projectFolder.appending(path: "SECURITY.md")
        let text = try String(contentsOf: url, encoding: .utf8)
        let section = try #require(text.split(separator: "\n## ").first { $0.hasPrefix(heading) })
        return section.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }.filter { $0[0].first?.isNumber == true }
    }

    @Test func level1IsWhole() throws {
        let wanted = Self.level1.flatMap { section, numbers in numbers.map { "\(section).\($0)" } }
        #expect(wanted.count == 70)
        let rows = try rows(below: "OWASP ASVS")
        #expect(rows.allSatisfy { $0.count == 4 && !$0[2].isEmpty })
        let told = rows.flatMap { $0[0].split(separator: " ").map(String.init) }
        #expect(told.sorted() == wanted.sorted())
        // Whoever claims something says where it is shown.
        for row in rows where row[3].isEmpty {
            #expect(row[2].hasPrefix("Does not apply") || row[2].hasPrefix("**Gap**"), "\(row)")
        }
    }

    @Test func whatIsNamedIsThere() throws {
        let root = projectFolder.path
        let files =
            try ["Sources", "Tests"].flatMap {
                try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\($0)")
            } + FileManager.default.contentsOfDirectory(atPath: root)
        let names = Set(files.compactMap { $0.split(separator: "/").last.map(String.init) })
        for row in try rows(below: "OWASP ASVS") + rows(below: "Of the levels") {
            for name in (row.last ?? "").split(separator: " ").map({ $0.replacing("`", with: "") })
            {
                #expect(names.contains(String(name)) || names.contains("\(name).swift"), "\(name)")
            }
        }
    }
}
