import Bytes
import Crypto
import NIOPosix

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension TransferFile {
    /// Reads a whole file, or standard input for `-`.
    ///
    /// - Throws: when it cannot be read, or is not a file of transfers. Nothing was sent then.
    static func read(_ path: String) async throws(TellerError) -> TransferFile {
        let name = path == "-" ? "standard input" : path.shortened(toColumns: 200)
        let bytes: [UInt8]
        do {
            // Reading may wait for whoever writes, so it has a thread of its own.
            bytes = try await NIOThreadPool.singleton.runIfActive { try contents(path) }
        } catch let error as SystemError {
            let isTooLarge = error.number == EFBIG
            throw TellerError(
                isTooLarge ? .dataError : .noInput,
                isTooLarge
                    ? "\(name): it is larger than \(largest >> 20) MB"
                    : "\(name): \(String(cString: strerror(error.number)))",
                advice: "nothing was sent")
        } catch {
            throw TellerError(.interrupted, "interrupted", advice: "nothing was sent")
        }
        do throws(TransferFileError) {
            var file = try TransferFile(bytes)
            // As sha256sum(1) prints it.
            file.sha256 = SHA256.hash(data: bytes).map(\.hexadecimal).joined()
            return file
        } catch {
            throw TellerError(.dataError, "\(name): \(error)", advice: "nothing was sent")
        }
    }

    /// - Throws: ``SystemError``, with EFBIG for what is larger than ``largest``.
    private static func contents(_ path: String) throws(SystemError) -> [UInt8] {
        let file = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { throw SystemError(number: errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = try DescriptorIO.read(file, into: &chunk)
            guard count > 0 else { return bytes }
            guard bytes.count + count <= largest else { throw SystemError(number: EFBIG) }
            bytes += chunk[..<count]
        }
    }
}
