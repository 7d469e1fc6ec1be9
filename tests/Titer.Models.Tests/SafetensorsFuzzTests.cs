using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tests;

/// <summary>Damaged and hostile files: only the typed error comes out, soon, and without taking more memory than the file has.</summary>
public sealed class SafetensorsFuzzTests : IDisposable
{
    private const int Cases = 6000;
    private const int MostBytes = 4 << 20;
    private static readonly string[] Numbers =
        ["-1", "0", "1", "2", "3", "7", "255", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
            "18446744073709551616", "1e3", "1e400", "-1e-400", "0.5", "1.0", "null", "\"4\"", "[]", "{}", "true", "NaN", "01",
            "123456789012345678901234567890123456789012345678901234567890"];
    private static readonly string[] Types = ["F32", "F16", "BF16", "BOOL", "U8", "I64", "F8_E4M3", "f32", "", "\\ud800", "F32\\u0000",
        "\\u0046\\u0033\\u0032"];
    private static readonly string[] Fragments = ["{", "}", "[", "]", ",", ":", "\"", "\\", "\"w\":", "\"dtype\":\"F32\",", "\"shape\":[],", "//",
        "/*", "\u00e9", "\ud83d\ude00", "\0", "\ufeff"];
    private const string Valid =
        """{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"h":{"dtype":"F16","shape":[4],"data_offsets":[24,32]},"b":{"dtype":"BF16","shape":[2,2],"data_offsets":[32,40]},"m":{"dtype":"BOOL","shape":[8],"data_offsets":[40,48]},"e":{"dtype":"F32","shape":[0,5],"data_offsets":[48,48]}}""";
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Thousands_of_mutations_end_in_a_file_or_in_the_typed_error()
    {
        Assert.Equal(5, Open(FileOf(Valid, 48)).Tensors);
        var random = new Random(20);
        var (read, slowest, clock) = (0, TimeSpan.Zero, new Stopwatch());
        for (var i = 0; i < Cases; i++)
        {
            var bytes = Mutate(random, i % 8);
            var before = GC.GetAllocatedBytesForCurrentThread();
            clock.Restart();
            var (tensors, fault) = Open(bytes);
            slowest = clock.Elapsed > slowest ? clock.Elapsed : slowest;
            var taken = GC.GetAllocatedBytesForCurrentThread() - before;

            Assert.True(fault is null or CheckpointException, $"Case {i} ({i % 8}): {fault}");
            Assert.True(taken < MostBytes, $"Case {i} ({i % 8}) took {taken} bytes.");
            read += tensors > 0 ? 1 : 0;
        }

        // Not everything is refused at the door, and nothing hangs (a pause of a busy machine is no hang).
        Assert.InRange(read, Cases / 100, Cases / 2);
        Assert.True(slowest < TimeSpan.FromSeconds(1), $"{slowest}");
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":{\"shape\":[")]
    public void Deep_nesting_is_no_stack_overflow(string level)
    {
        var header = "{\"x\":" + string.Concat(Enumerable.Repeat(level, 200_000));

        var (_, fault) = Open(FileOf(header, 0));

        Assert.Contains("not JSON", Assert.IsType<CheckpointException>(fault).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}", 8)]
    [InlineData("\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"\\u0077\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}", 8)]
    [InlineData("\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}", 0)]
    public void A_name_that_occurs_twice_is_refused(string entries, int data)
    {
        var (_, fault) = Open(FileOf($"{{{entries}}}", data));

        Assert.Contains("occurs twice", Assert.IsType<CheckpointException>(fault).Message, StringComparison.Ordinal);
    }

    /// <summary>The file really has the length that its header claims, all holes.</summary>
    [Theory]
    [InlineData(100_000_000)]
    [InlineData(99_999_999)]
    public void A_sparse_header_of_a_hundred_megabytes_is_not_taken_in(long claimed)
    {
        using (var stream = File.Create(_folder.File("x")))
        {
            var prefix = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(prefix, claimed);
            stream.Write(prefix);
            stream.SetLength(claimed + 8);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(_folder.File("x")));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MostBytes);
    }

    [Fact]
    public void A_sparse_tensor_that_no_array_holds_is_refused_by_name()
    {
        var header = """{"w":{"dtype":"F32","shape":[2147483648],"data_offsets":[0,8589934592]}}""";
        File.WriteAllBytes(_folder.File("x"), FileOf(header, 0));
        using (var stream = File.OpenWrite(_folder.File("x"))) stream.SetLength(8 + header.Length + 8589934592);
        using var file = SafetensorsFile.Open(_folder.File("x"));

        Assert.Contains("tensor 'w' has 8589934592 bytes", Assert.Throws<CheckpointException>(() => file.ReadSingles(file.Tensors[0])).Message,
            StringComparison.Ordinal);
    }

    private static byte[] Mutate(Random random, int kind)
    {
        var good = FileOf(Valid, 48);
        switch (kind)
        {
            case 0:
                BinaryPrimitives.WriteUInt64LittleEndian(good,
                    random.Next(3) switch { 0 => (ulong)random.NextInt64(), 1 => (ulong)random.Next(2 * Valid.Length),
                        _ => ulong.MaxValue >> random.Next(64) });
                return good;
            case 1:
                return good[..random.Next(good.Length)];
            case 2:
                for (var i = random.Next(1, 5); i > 0; i--) good[random.Next(good.Length)] = (byte)random.Next(256);
                return good;
            case 3:
                // One bit of the header: the nearest miss.
                good[8 + random.Next(Valid.Length)] ^= (byte)(1 << random.Next(8));
                return good;
            case 4:
                return FileOf(Number(Valid, random), 48);
            case 5:
                return FileOf(Number(Valid.Replace($"\"{Types[random.Next(4)]}\"", $"\"{Types[random.Next(Types.Length)]}\"",
                    StringComparison.Ordinal), random), random.Next(64));
            case 6:
                var at = random.Next(Valid.Length);
                return FileOf(random.Next(2) == 0
                    ? Valid.Insert(at, Fragments[random.Next(Fragments.Length)])
                    : Valid.Remove(at, random.Next(1, Math.Min(20, Valid.Length - at + 1))), 48);
            default:
                // Two entries change places with parts of each other: overlaps, gaps, names twice.
                var names = new[] { "\"w\"", "\"h\"", "\"b\"", "\"m\"", "[0,24]", "[24,32]", "[32,40]", "[40,48]", "[2,3]", "[4]", "[8]" };
                return FileOf(Valid.Replace(names[random.Next(names.Length)], names[random.Next(names.Length)], StringComparison.Ordinal),
                    48 + random.Next(3) - 1);
        }
    }

    /// <summary>Another number in the place of one of the header's.</summary>
    private static string Number(string header, Random random)
    {
        var digits = Enumerable.Range(1, header.Length - 1).Where(i => char.IsAsciiDigit(header[i]) && header[i - 1] is '[' or ',').ToArray();
        var begin = digits[random.Next(digits.Length)];
        var end = begin;
        while (end < header.Length && char.IsAsciiDigit(header[end])) end++;
        return header[..begin] + Numbers[random.Next(Numbers.Length)] + header[end..];
    }

    private (int Tensors, Exception? Fault) Open(byte[] bytes)
    {
        File.WriteAllBytes(_folder.File("x"), bytes);
        try
        {
            using var file = SafetensorsFile.Open(_folder.File("x"));
            foreach (var tensor in file.Tensors.Where(t => t.Type != TensorType.Mask)) Assert.Equal(tensor.Count, file.ReadSingles(tensor).Length);
            return (file.Tensors.Count, null);
        }
        catch (Exception e)
        {
            return (0, e);
        }
    }

    private static byte[] FileOf(string header, int data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, text.Length);
        text.CopyTo(bytes, 8);
        return bytes;
    }
}
