using System.Reflection;
using System.Text.Json.Serialization;
using Titer.Runtime.Workers;

namespace Titer.Runtime.Tests.Workers;

/// <summary>A null is not written, and what is not written must not be demanded by the reader.</summary>
public sealed class WireNullsTests
{
    [Fact]
    public void Every_member_of_a_message_that_may_be_null_may_be_left_out()
    {
        var demanded = new List<string>();
        var seen = new HashSet<Type>();
        foreach (var message in typeof(WireMessage).GetCustomAttributes<JsonDerivedTypeAttribute>()) Look(message.DerivedType, seen, demanded);

        Assert.True(seen.Count > 30, $"{seen.Count} types were looked at");
        Assert.True(demanded.Count == 0, $"Give these a default: {string.Join(", ", demanded)}");
    }

    private static void Look(Type type, HashSet<Type> seen, List<string> demanded)
    {
        foreach (var part in type.IsGenericType ? type.GetGenericArguments() : type.HasElementType ? [type.GetElementType()!] : [])
            Look(part, seen, demanded);
        if (type.Namespace?.StartsWith("Titer.", StringComparison.Ordinal) != true || type.IsEnum || !seen.Add(type)) return;
        var nullability = new NullabilityInfoContext();
        var constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).FirstOrDefault();
        foreach (var parameter in constructor?.GetParameters() ?? [])
        {
            if (nullability.Create(parameter).WriteState == NullabilityState.Nullable && !parameter.HasDefaultValue)
                demanded.Add($"{type.Name}.{parameter.Name}");
        }

        foreach (var property in type.GetProperties().Where(p => p.GetCustomAttribute<JsonIgnoreAttribute>() is null))
        {
            var isDemanded = property.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null;
            if (isDemanded && nullability.Create(property).ReadState == NullabilityState.Nullable) demanded.Add($"{type.Name}.{property.Name}");
            Look(property.PropertyType, seen, demanded);
        }
    }
}
