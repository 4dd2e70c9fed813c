use super::*;

#[test]
fn hosts_stand_for_a_product_and_a_region() {
    assert_eq!(endpoint("ecs-cn-hangzhou.aliyuncs.com"), Some((Product::Ecs, "cn-hangzhou")));
    assert_eq!(endpoint("ecs-vpc.cn-shanghai.aliyuncs.com"), Some((Product::Ecs, "cn-shanghai")));
    assert_eq!(endpoint("vpc.aliyuncs.com"), Some((Product::Vpc, "cn-hangzhou")));
    assert_eq!(endpoint("vpc-vpc.cn-hangzhou.aliyuncs.com"), Some((Product::Vpc, "cn-hangzhou")));
    assert_eq!(endpoint("cs.cn-beijing.aliyuncs.com"), Some((Product::Cs, "cn-beijing")));
    for other in ["oss-cn-hangzhou.aliyuncs.com", "lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com", "aliyuncs.com"] {
        assert_eq!(endpoint(other), None, "{other}");
    }
}

#[test]
fn the_healthy_world_is_an_account() {
    let world = World::healthy().unwrap();
    let account = Account::of(&world).unwrap();
    assert_eq!(account.instances.len(), 4);
    assert_eq!(account.interfaces.iter().filter(|eni| eni.kind == account::InterfaceKind::Secondary).count(), 3);
    assert!(Cloud::new(&world).is_ok());
}
