using System.Text;
using System.Text.Json.Nodes;
using Titer.Files;

namespace Titer.League.Tests;

/// <summary>RFC 8785, with the values of its own examples.</summary>
public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{"b":1,"a":[true,null,"x"]}""", """{"a":[true,null,"x"],"b":1}""")]
    [InlineData("""{"\u20ac":1,"\r":2,"1":3,"\u00f6":4}""", "{\"\\r\":2,\"1\":3,\"\u00f6\":4,\"\u20ac\":1}")]
    [InlineData("\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"", "\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"")]
    [InlineData("[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]", "[333333333.3333333,1e+30,4.5,0.002,1e-27]")]
    [InlineData("[-0, 1e21, 123456789012345680000, 1e-6, 1e-7, -1.5e-9, 5e-324]", "[0,1e+21,123456789012345680000,0.000001,1e-7,-1.5e-9,5e-324]")]
    public void One_meaning_has_one_form(string json, string canonical) =>
        Assert.Equal(canonical, Encoding.UTF8.GetString(CanonicalJson.Of(JsonNode.Parse(json))));

    [Fact]
    public void Two_documents_differ_where_their_values_do()
    {
        var flat = CanonicalJson.Flat(JsonNode.Parse("""{"a":{"b":[1,{"c":"x"}]},"d":[]}"""));
        Assert.Equal(["a.b[0]=1", "a.b[1].c=\"x\"", "d=[]"], flat.Select(v => $"{v.Key}={v.Value}"));
    }
}
