import Foundation
import TestSupport
import Testing

/// The folders of a target form no circle: what one declares is used in those above it only.
struct FolderTests {
    private static let targets = ["Tiers", "Hops", "Shared"].flatMap { group in
        let url = projectFolder.appending(path: "Sources/\(group)")
        let names = try? FileManager.default.contentsOfDirectory(atPath: url.path)
        return (names ?? []).sorted().map { "\(group)/\($0)" }
    }

    /// By the names of types and functions; what lies in no folder of its own puts the others together.
    @Test(arguments: targets) func noCircles(target: String) throws {
        let files = try files(of: projectFolder.appending(path: "Sources/\(target)"))
        var homes: [Substring: Set<String>] = [:]
        for (folder, text) in files {
            for name in text.matches(of: Self.declaration).map(\.output.1) {
                homes[name, default: []].insert(folder)
            }
        }
        var uses: [String: [String: Substring]] = [:]
        for (folder, text) in files {
            for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
                guard let homes = homes[word], !homes.contains(folder) else { continue }
                for home in homes { uses[folder, default: [:]][home] = word }
            }
        }
        // Whatever uses nothing of those that are left is no part of a circle.
        while let leaf = uses.first(where: { $0.value.keys.allSatisfy { uses[$0] == nil } })?.key {
            uses[leaf] = nil
        }
        #expect(uses.isEmpty, "\(target): folder, what it uses, and for example which name")
    }

    private static var declaration: Regex<(Substring, Substring)> {
        /(?m)^(?:public |package |final |indirect )*(?:struct|class|enum|protocol|actor|typealias|func) (\w+)/
    }

    /// The files' folders and texts, without comments.
    private func files(of target: URL) throws -> [(folder: String, text: String)] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: target.path)
        return try paths.filter { $0.hasSuffix(".swift") && $0.contains("/") }.map { path in
            let text = try String(contentsOf: target.appending(path: path), encoding: .utf8)
            let lines = text.split(separator: "\n").filter {
                !$0.drop(while: \.isWhitespace).hasPrefix("//")
            }
            return (String(path.prefix { $0 != "/" }), lines.joined(separator: "\n"))
        }
    }
}
