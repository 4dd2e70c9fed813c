//! A call to the OpenAPI, before it is signed: product, action, region, parameters; and how a list goes on.

/// A product of the OpenAPI and how it is called.
#[derive(Debug)]
pub struct Product {
    pub name: &'static str,
    pub version: &'static str,
    /// Its host in cn-hangzhou where that is not `name.cn-hangzhou.aliyuncs.com`.
    pub(super) hangzhou: Option<&'static str>,
}

pub(super) static ECS: Product =
    Product { name: "ecs", version: "2014-05-26", hangzhou: Some("ecs-cn-hangzhou.aliyuncs.com") };
pub(super) static VPC: Product = Product { name: "vpc", version: "2016-04-28", hangzhou: Some("vpc.aliyuncs.com") };
pub(super) static CS: Product = Product { name: "cs", version: "2015-12-15", hangzhou: None };

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    pub(super) product: &'static Product,
    pub(super) action: &'static str,
    pub(super) path: String,
    pub(super) region: String,
    pub(super) query: Vec<(String, String)>,
}

impl Call {
    /// A call of an RPC product; the region is a parameter too.
    pub fn rpc(product: &'static Product, action: &'static str, region: &str) -> Call {
        let call = Call { product, action, path: "/".to_owned(), region: region.to_owned(), query: Vec::new() };
        call.with("RegionId", region)
    }

    /// A call of a product that has paths.
    pub fn roa(product: &'static Product, action: &'static str, region: &str, path: String) -> Call {
        Call { product, action, path, region: region.to_owned(), query: Vec::new() }
    }

    /// With a parameter.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Call {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// As RAM names it: `ecs:DescribeInstances`.
    pub fn ram_action(&self) -> String {
        format!("{}:{}", self.product.name, self.action)
    }

    pub(super) fn method(&self) -> &'static str {
        if self.path == "/" { "POST" } else { "GET" }
    }

    pub(super) fn in_words(&self) -> String {
        let path = if self.path == "/" { String::new() } else { format!(" {}", self.path) };
        let query: Vec<String> = self.query.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        format!("{}{path}{}", self.ram_action(), query.concat())
    }
}

/// How a list goes on.
pub enum Paging {
    /// `NextToken` until it is empty; the name of the parameter for the page's size, and the size.
    Token(&'static str, &'static str),
    /// Page numbers from 1: the parameters' names, the size, and where the total is.
    Number { number: &'static str, size: (&'static str, &'static str), total: &'static str },
}
