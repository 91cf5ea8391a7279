import Testing

@testable import Chain

@Suite struct TraceContextTests {
    static let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func readsAndWritesTheHeader() throws {
        let context = try #require(TraceContext(Self.text))
        #expect(context.description == Self.text)
        #expect(context.traceIDText == "0af7651916cd43dd8448eb211c80319c")
        #expect(context.isSampled)
    }

    @Test func aChildIsAnotherSpanOfTheSameTrace() throws {
        let parent = try #require(TraceContext(Self.text))
        let child = parent.child()
        #expect(child.traceID == parent.traceID)
        #expect(child.spanID != parent.spanID)
        #expect(child.isSampled)
    }

    @Test func whatIsRandomCanBeReadAgain() {
        for isSampled in [true, false] {
            let context = TraceContext.random(isSampled: isSampled)
            #expect(TraceContext(context.description) == context)
        }
    }

    @Test(arguments: [
        "", "00", "00-", text + "-", text + "x", text.uppercased(),
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
    ])
    func refusesInvalidText(text: String) {
        #expect(TraceContext(text) == nil)
    }

    @Test func readsLaterVersionsThatBeginTheSame() {
        #expect(TraceContext("01" + Self.text.dropFirst(2) + "-more") != nil)
        #expect(TraceContext("01" + Self.text.dropFirst(2) + "more") == nil)
    }
}

@Suite struct GRPCTimeoutTests {
    @Test(arguments: [
        ("5S", Duration.seconds(5)), ("500m", .milliseconds(500)), ("2M", .seconds(120)),
        ("1H", .seconds(3600)), ("7u", .microseconds(7)), ("9n", .nanoseconds(9)),
        ("0S", .zero), ("99999999H", .seconds(99_999_999 * 3600)),
    ])
    func reads(text: String, duration: Duration) {
        #expect(GRPCTimeout(text)?.duration == duration)
    }

    @Test(arguments: ["", "S", "5", "5s", "-5S", "+5S", " 5S", "5 S", "123456789S", "1.5S", "５S"])
    func refuses(text: String) {
        #expect(GRPCTimeout(text) == nil)
    }

    @Test func neverGrantsMoreThanIsLeft() {
        for exponent in 0..<60 {
            let duration = Duration.nanoseconds(Int64(1) << exponent)
            let written = GRPCTimeout(duration).description
            #expect(written.utf8.count <= 9)
            let read = GRPCTimeout(written)?.duration
            #expect(read.map { $0 <= duration } == true)
        }
    }

    @Test func countsMicrosecondsWithoutOverflow() {
        #expect(Duration.seconds(2).wholeMicroseconds == 2_000_000)
        #expect(Duration.seconds(Int64.max).wholeMicroseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeMicroseconds == .min)
    }
}

@Suite struct DeadlineTests {
    @Test func isCutToTheLongest() {
        let deadline = Deadline.after(.seconds(Int64.max / 2))
        #expect(deadline.remaining <= Deadline.longest)
        #expect(!deadline.hasPassed)
    }

    @Test func ofZeroHasPassed() {
        for duration in [Duration.zero, .seconds(-5)] {
            let deadline = Deadline.after(duration)
            #expect(deadline.hasPassed)
            #expect(deadline.remaining == .zero)
        }
    }
}

@Suite struct ServerTimingTests {
    @Test func writesAndReadsTheHeader() {
        let timing = ServerTiming([
            .init(name: "bank-server", duration: .microseconds(2100), detail: "GetBalances"),
            .init(name: "postgresql", duration: .microseconds(200), detail: "SELECT a, b; c"),
            .init(name: "x", duration: .zero),
        ])
        #expect(
            timing.description
                == "bank-server;dur=2.100;desc=\"GetBalances\", "
                + "postgresql;dur=0.200;desc=\"SELECT a, b; c\", x;dur=0.000")
        #expect(ServerTiming(parsing: timing.description) == timing)
    }

    @Test(arguments: ["", ",", ";dur=1", "a", "a;dur=x", "a;dur=-1", "a;dur=nan", "a;desc=\"b\""])
    func leavesOutWhatIsNoDuration(text: String) {
        #expect(ServerTiming(parsing: text).metrics.isEmpty)
    }

    @Test func keepsTheRestOfADamagedHeader() {
        let timing = ServerTiming(parsing: "a;dur=oops, b;dur=1.5;later=x, \"")
        #expect(timing.metrics == [.init(name: "b", duration: .microseconds(1500))])
        let marked = ServerTiming(
            parsing: "a;\u{301}x;dur=1;desc=\"\u{301}b,c\"\u{301},\u{301}d;dur=2")
        #expect(marked.metrics.map(\.name) == ["a", "\u{301}d"])
        #expect(marked.metrics.map(\.detail) == ["\u{301}b,c\u{301}", ""])
    }
}

@Suite struct HostAndPortTests {
    @Test(arguments: [
        ("127.0.0.1:0", "127.0.0.1", 0), ("localhost:65535", "localhost", 65535),
        ("[::1]:50051", "::1", 50051), ("a.b-c:1", "a.b-c", 1),
    ])
    func readsAndWrites(text: String, host: String, port: Int) {
        let address = HostAndPort(text)
        #expect(address == HostAndPort(host: host, port: port))
        #expect(address?.description == text)
    }

    @Test func readsAUnixSocketWhereOneIsAllowed() {
        let address = HostAndPort(orUnixSocket: "unix:/run/x.sock")
        #expect(address?.unixPath == "/run/x.sock")
        #expect(address?.description == "unix:/run/x.sock")
        #expect(HostAndPort("unix:/run/x.sock") == nil)
        #expect(HostAndPort(orUnixSocket: "unix:x.sock") == nil)
        #expect(HostAndPort(orUnixSocket: "unix:/" + String(repeating: "x", count: 103)) == nil)
        #expect(HostAndPort(orUnixSocket: "a:1") == HostAndPort(host: "a", port: 1))
        #expect(HostAndPort("a:1")?.unixPath == nil)
    }

    @Test(arguments: [
        "/a:1", "a:1\u{301}", "a:\u{301}1", "a\u{2003}:1",
        "", ":", "a", "a:", ":1", "a:65536", "a:-1", "a:+1", "::1:80", "[]:1", "a:1 ",
        "a:1\u{301}", "a:\u{301}1", "a\u{301}:1", "a\u{a0}:1", "[\u{301}::1]:1", "a:\u{661}",
        "[::1]\u{301}:1",
    ])
    func refuses(text: String) {
        #expect(HostAndPort(text) == nil)
    }
}
