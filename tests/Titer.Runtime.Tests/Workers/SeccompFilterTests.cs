using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Titer.Runtime.Workers;

namespace Titer.Runtime.Tests.Workers;

/// <summary>The filter of system calls, run here as the kernel runs it.</summary>
public sealed class SeccompFilterTests
{
    private const uint Allow = 0x7FFF0000;
    private static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private static uint Own => IsX64 ? 0xC000003E : 0xC00000B7;

    [Fact]
    public void Every_call_that_is_named_is_refused_and_those_of_every_day_are_answered()
    {
        Assert.SkipUnless(SeccompFilter.IsKnown, "No filter for this processor.");
        var program = SeccompFilter.Program(withGpu: false);

        Assert.All(SeccompFilter.Refused.Append(SeccompFilter.UnnamedMemory).Where(c => SeccompFilter.NumberOf(c) is not null),
            c => Assert.Equal(0x00050000u | SeccompFilter.NoSuchCall, Run(program, Own, (uint)SeccompFilter.NumberOf(c)!.Value)));
        // read, write, mmap, futex, openat.
        Assert.All(IsX64 ? new uint[] { 0, 1, 9, 202, 257 } : [63, 64, 222, 98, 56], number => Assert.Equal(Allow, Run(program, Own, number)));
    }

    [Fact]
    public void Arguments_decide_where_a_call_is_needed()
    {
        Assert.SkipUnless(SeccompFilter.IsKnown, "No filter for this processor.");
        var program = SeccompFilter.Program(withGpu: false);
        var (clone, socket, ioctl) = IsX64 ? (56u, 41u, 16u) : (220u, 198u, 29u);

        // A thread; a child in a user namespace of its own.
        Assert.Equal(Allow, Run(program, Own, clone, 0x003D0F00));
        Assert.Equal(0x00050001u, Run(program, Own, clone, 0x10000011));
        Assert.Equal(Allow, Run(program, Own, socket, 1));
        Assert.All(new uint[] { 2, 10, 16, 38, 40 }, family =>
            Assert.Equal(0x00050000u | SeccompFilter.NoSuchFamily, Run(program, Own, socket, family)));
        Assert.Equal(0x00050001u, Run(program, Own, ioctl, 0, 0x5412));
        Assert.Equal(0x00050001u, Run(program, Own, ioctl, 0, 0x541C));
        Assert.Equal(Allow, Run(program, Own, ioctl, 0, 0x5401));
    }

    [Fact]
    public void Calls_by_the_numbers_of_another_architecture_are_refused()
    {
        Assert.SkipUnless(SeccompFilter.IsKnown, "No filter for this processor.");
        var program = SeccompFilter.Program(withGpu: false);

        Assert.NotEqual(Allow, Run(program, 0x40000003, 1));
        if (IsX64) Assert.NotEqual(Allow, Run(program, Own, 0x40000001));
    }

    [Fact]
    public void A_driver_of_a_GPU_may_have_memory_without_a_name()
    {
        Assert.SkipUnless(SeccompFilter.IsKnown, "No filter for this processor.");
        var number = (uint)SeccompFilter.NumberOf(SeccompFilter.UnnamedMemory)!.Value;

        Assert.Equal(Allow, Run(SeccompFilter.Program(withGpu: true), Own, number));
    }

    [Fact]
    public void Without_namespaces_nothing_reaches_a_process_or_a_file_that_Landlock_does_not_look_at()
    {
        Assert.SkipUnless(SeccompFilter.IsKnown, "No filter for this processor.");
        var program = LandlockFilter.Program(withGpu: false, abi: 7, processId: 12);
        var (socket, pair, prctl, prlimit, chmod, kill) = IsX64 ? (41u, 53u, 157u, 302u, 268u, 62u) : (198u, 199u, 167u, 261u, 53u, 129u);

        Assert.All(SeccompFilter.Refused.Concat(LandlockFilter.Refused).Select(SeccompFilter.NumberOf).OfType<int>(),
            number => Assert.Equal(0x00050000u | SeccompFilter.NoSuchCall, Run(program, Own, (uint)number)));
        Assert.Equal(0x00050001u, Run(program, Own, socket, 1));
        Assert.Equal(0x00050000u | SeccompFilter.NoSuchFamily, Run(program, Own, socket, 2));
        // A stream, closed on execution; datagrams.
        Assert.Equal(Allow, Run(program, Own, pair, 1, 0x80001));
        Assert.Equal(0x00050001u, Run(program, Own, pair, 1, 2));
        // Said to be done.
        Assert.All(new uint[] { 1, 36 }, option => Assert.Equal(0x00050000u, Run(program, Own, prctl, option)));
        Assert.Equal(Allow, Run(program, Own, prctl, 15));
        Assert.Equal(0x00050000u, Run(program, Own, chmod));
        Assert.Equal(Allow, Run(program, Own, prlimit, 0));
        Assert.Equal(0x00050001u, Run(program, Own, prlimit, 13));
        Assert.Equal(Allow, Run(program, Own, kill, 13));
    }

    [Fact]
    public void Where_Landlock_has_no_scopes_a_worker_signals_its_own_threads_and_nobody_else()
    {
        Assert.SkipUnless(SeccompFilter.IsKnown, "No filter for this processor.");
        var program = LandlockFilter.Program(withGpu: false, abi: 5, processId: 12);
        var thread = IsX64 ? 234u : 131u;

        Assert.All(LandlockFilter.Signals, call =>
            Assert.Equal(0x00050000u | SeccompFilter.NoSuchCall, Run(program, Own, (uint)SeccompFilter.NumberOf(call)!.Value)));
        Assert.Equal(Allow, Run(program, Own, thread, 12));
        Assert.Equal(0x00050001u, Run(program, Own, thread, 13));
    }

    /// <summary>Classic BPF, as far as the filter uses it; anything else, or a jump out of the program, is an error.</summary>
    private static uint Run(byte[] program, uint architecture, uint number, uint first = 0, uint second = 0)
    {
        var accumulator = 0u;
        for (var at = 0; ; at++)
        {
            var line = program.AsSpan(8 * at, 8);
            var value = BinaryPrimitives.ReadUInt32LittleEndian(line[4..]);
            switch (BinaryPrimitives.ReadUInt16LittleEndian(line))
            {
                case 0x20:
                    accumulator = value switch { 0 => number, 4 => architecture, 16 => first, 24 => second, _ =>
                        throw new InvalidOperationException($"offset {value}") };
                    break;
                case 0x54:
                    accumulator &= value;
                    break;
                case 0x15:
                    at += accumulator == value ? line[2] : line[3];
                    break;
                case 0x35:
                    at += accumulator >= value ? line[2] : line[3];
                    break;
                case 0x45:
                    at += (accumulator & value) != 0 ? line[2] : line[3];
                    break;
                case 0x06:
                    return value;
                default:
                    throw new InvalidOperationException($"operation at {at}");
            }
        }
    }
}
