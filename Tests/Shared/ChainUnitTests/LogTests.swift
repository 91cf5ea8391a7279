import Logging
import Testing

@testable import Chain

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

@Suite struct LogTests {
    /// What a logger writes, through a pipe.
    private func written(_ log: (Logger) -> Void) throws -> String {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let buffer = LogBuffer(descriptor: ends[1])
        log(
            Logger(
                label: "test",
                factory: { LogfmtHandler(label: $0, buffer: buffer, logLevel: .info) }))
        buffer.flush()
        close(ends[1])
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(ends[0], &bytes, bytes.count)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }

    @Test func writesALineOfPairs() throws {
        let line = try written { $0.info("hello there", metadata: ["b": "2", "a": "x y"]) }
        #expect(line.hasSuffix(" level=info tier=test msg=\"hello there\" a=\"x y\" b=2\n"))
        #expect(line.hasPrefix("time=20"))
    }

    @Test func nothingACallerSendsStartsALineOrAField() throws {
        let line = try written {
            $0.info("m", metadata: ["path": "/a\nlevel=error \"b\" \\ =c\u{1b}[2J"])
        }
        #expect(line.filter { $0 == "\n" }.count == 1)
        #expect(line.contains(#"path="/a\nlevel=error \"b\" \\ =c\u{1b}[2J""#))
    }

    @Test func leavesOutWhatIsBelowItsLevel() throws {
        #expect(try written { $0.debug("quiet") }.isEmpty)
    }

    /// A reader that does not read for a while is told how much it has missed.
    @Test func whatIsLostIsCounted() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let buffer = LogBuffer(descriptor: ends[1])
        let line = String(repeating: "x", count: 1023) + "\n"
        // More than the pipe takes and than is kept.
        let count = 4096
        for _ in 0..<count { buffer.append(of: "test", flushing: true) { $0.plain(line) } }
        var (text, bytes) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
        var (kept, lost) = (0, 0)
        while kept + lost < count {
            let got = read(ends[0], &bytes, bytes.count)
            try #require(got > 0)
            text += bytes[..<got]
            while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: text[..<end], as: UTF8.self)
                text.removeFirst(end + 1)
                guard line.first != "x" else {
                    kept += 1
                    continue
                }
                #expect(line.contains(" level=warning tier=test msg=\"log lines lost\" lines="))
                lost += try #require(line.split(separator: "=").last.flatMap { Int($0) })
            }
        }
        // Nothing is written to what is closed, and may be somebody else's by then.
        buffer.flush()
        close(ends[1])
        #expect(kept + lost == count)
        #expect(lost > 0)
    }

    /// Also by one whose text is not even asked for.
    @Test func buildsNothingBelowItsLevel() throws {
        var isBuilt = false
        func text() -> String {
            isBuilt = true
            return "text"
        }
        _ = try written { $0.debug("\(text())", metadata: ["a": "\(text())"]) }
        #expect(!isBuilt)
    }

    @Test func keepsTheOrder() throws {
        let text = try written { logger in
            for number in 0..<100 {
                logger.log(level: number % 10 == 0 ? .warning : .info, "n\(number)")
            }
        }
        let messages = text.split(separator: "\n").compactMap { $0.split(separator: " ").last }
        #expect(messages == (0..<100).map { "msg=n\($0)" })
    }
}

@Suite struct ReadyFileTests {
    @Test func aReaderSeesTheWholeLine() throws {
        let path = "/tmp/teller-ready-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let file = ReadyFile(path: path)
        try file.write(HostAndPort(host: "::1", port: 8080))
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = read(descriptor, &bytes, bytes.count)
        #expect(String(decoding: bytes[..<max(0, count)], as: UTF8.self) == "[::1]:8080\n")
        file.remove()
        #expect(access(path, F_OK) != 0)
    }

    @Test func saysWhyItCannotWrite() {
        let error = #expect(throws: ReadyFile.WriteError.self) {
            try ReadyFile(path: "/nonexistent/ready").write(HostAndPort(host: "a", port: 1))
        }
        #expect(error?.description.contains("/nonexistent/ready: No such file") == true)
    }
}
