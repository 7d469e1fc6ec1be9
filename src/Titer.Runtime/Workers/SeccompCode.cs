using System.Buffers.Binary;

namespace Titer.Runtime.Workers;

/// <summary>A filter of system calls while it is written: instructions of classic BPF over struct
/// seccomp_data (linux/filter.h, linux/seccomp.h).</summary>
internal sealed class SeccompCode
{
    /// <summary>Offset of the call's number; the architecture and the arguments follow.</summary>
    private const uint NumberAt = 0;

    private const uint ArchitectureAt = 4;

    /// <summary>Of each argument the lower half: what is looked at has 32 bits.</summary>
    private const uint ArgumentsAt = 16;

    private const ushort LoadWord = 0x20;
    private const ushort And = 0x54;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort JumpIfAnyBit = 0x45;
    private const ushort Return = 0x06;
    private const uint Allow = 0x7FFF0000;
    private const uint Errno = 0x00050000;

    private readonly List<(ushort Code, byte IfTrue, byte IfFalse, uint Value)> _code = [];

    /// <summary>Calls of another architecture have other numbers: they are refused, all of them.</summary>
    /// <param name="architecture">AUDIT_ARCH of linux/audit.h.</param>
    public SeccompCode(uint architecture, int errno)
    {
        _code.Add((LoadWord, 0, 0, ArchitectureAt));
        _code.Add((JumpIfEqual, 1, 0, architecture));
        _code.Add((Return, 0, 0, Errno | (uint)errno));
        _code.Add((LoadWord, 0, 0, NumberAt));
    }

    public void RefuseFrom(uint number, int errno)
    {
        _code.Add((JumpIfAtLeast, 0, 1, number));
        _code.Add((Return, 0, 0, Errno | (uint)errno));
    }

    /// <param name="errno">What the caller is told; 0: that it is done, which it is not.</param>
    public void Refuse(int number, int errno)
    {
        _code.Add((JumpIfEqual, 0, 1, (uint)number));
        _code.Add((Return, 0, 0, Errno | (uint)errno));
    }

    /// <summary>A call that is refused with one of these arguments, and allowed with every other.</summary>
    public void RefuseWith(int number, int argument, int errno, params uint[] values) =>
        Look(number, argument, ~0u, values, JumpIfEqual, Errno | (uint)errno, Allow);

    /// <summary>A call that is refused, with these arguments for another reason than with every other.</summary>
    public void Refuse(int number, int argument, int errno, int othersErrno, params uint[] values) =>
        Look(number, argument, ~0u, values, JumpIfEqual, Errno | (uint)errno, Errno | (uint)othersErrno);

    /// <summary>A call that is refused where its argument has one of these bits.</summary>
    public void RefuseWithBits(int number, int argument, int errno, uint bits) =>
        Look(number, argument, ~0u, [bits], JumpIfAnyBit, Errno | (uint)errno, Allow);

    /// <summary>A call that is allowed with one of these arguments, and refused with every other.</summary>
    /// <param name="mask">What of the argument is looked at.</param>
    public void AllowWith(int number, int argument, int errno, uint mask, params uint[] values) =>
        Look(number, argument, mask, values, JumpIfEqual, Allow, Errno | (uint)errno);

    /// <summary>struct sock_filter[] in the byte order of both processors; what was not refused is allowed.</summary>
    public byte[] Bytes()
    {
        var bytes = new byte[8 * (_code.Count + 1)];
        foreach (var (i, (operation, ifTrue, ifFalse, value)) in _code.Append((Return, (byte)0, (byte)0, Allow)).Index())
        {
            var at = bytes.AsSpan(8 * i);
            BinaryPrimitives.WriteUInt16LittleEndian(at, operation);
            (at[2], at[3]) = (ifTrue, ifFalse);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], value);
        }

        return bytes;
    }

    private void Look(int number, int argument, uint mask, uint[] values, ushort compare, uint listed, uint others)
    {
        var start = _code.Count;
        _code.Add(default);
        _code.Add((LoadWord, 0, 0, ArgumentsAt + (8 * (uint)argument)));
        if (mask != ~0u) _code.Add((And, 0, 0, mask));
        for (var i = 0; i < values.Length; i++) _code.Add((compare, (byte)(values.Length - i), 0, values[i]));
        _code.Add((Return, 0, 0, others));
        _code.Add((Return, 0, 0, listed));
        _code[start] = (JumpIfEqual, 0, (byte)(_code.Count - start - 1), (uint)number);
    }
}
