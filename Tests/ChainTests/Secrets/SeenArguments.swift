import Foundation
import TestSupport

/// The arguments of all processes, as `ps` shows them to everybody, for as long as something runs.
enum SeenArguments {
    static func during(_ body: () async throws -> Void) async throws -> Set<String> {
        let isOver = Flag()
        async let seen = watch(until: isOver)
        do {
            try await body()
        } catch {
            isOver.raise()
            throw error
        }
        isOver.raise()
        return await seen
    }

    private static func watch(until isOver: Flag) async -> Set<String> {
        var seen: Set<String> = []
        while !isOver.isRaised {
            let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            for entry in entries where Int(entry) != nil {
                guard let data = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline")
                else { continue }
                seen.insert(String(decoding: data, as: UTF8.self))
            }
            // As often as a process could be missed.
            try? await Task.sleep(for: .milliseconds(5))
        }
        return seen
    }
}
