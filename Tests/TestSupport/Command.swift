internal import Foundation

/// A program that ended with a failure.
public struct CommandError: Error, CustomStringConvertible {
    public let program: String
    public let status: Int32
    public let output: String

    public var description: String {
        "\(program) ended with status \(status): \(output)"
    }
}

/// Runs a program and waits for its end, on a thread of its own.
/// - Returns: what it wrote on standard output and standard error.
/// - Throws: `CommandError` when it ends with another status than 0.
@discardableResult
public func runCommand(_ words: [String], environment: [String: String] = [:]) async throws
    -> String
{
    let (status, output) = try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(with: Result { try runBlocking(words, environment) })
        }
    }
    guard status == 0 else {
        throw CommandError(program: words.first ?? "", status: status, output: output)
    }
    return output
}

private func runBlocking(
    _ words: [String], _ environment: [String: String]
) throws -> (status: Int32, output: String) {
    // A file: a pipe would stay open in a server that the program leaves behind.
    let file = FileManager.default.temporaryDirectory
        .appendingPathComponent("test-command-\(UUID().uuidString)")
    guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
        throw CocoaError(.fileWriteUnknown)
    }
    defer { try? FileManager.default.removeItem(at: file) }
    let output = try FileHandle(forWritingTo: file)
    let pid = try Spawn.start(
        words, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
        input: nil, output: output.fileDescriptor)
    let status = Spawn.wait(for: pid)
    try output.close()
    return (status, String(decoding: try Data(contentsOf: file), as: UTF8.self))
}
